using Xunit;

namespace FastSni.Tests.Wire;

public class AlpnNamesTests
{
    [Fact]
    public void Names_come_in_the_order_of_the_list() => Assert.Equal("h2,http/1.1", Outcome.Joined("\u0002h2\u0008http/1.1"u8));

    [Fact]
    public void An_empty_list_has_no_names() => Assert.Equal("", Outcome.Joined([]));

    [Fact]
    public void A_list_that_is_cut_short_ends_there() => Assert.Equal("h2", Outcome.Joined("\u0002h2\u0008http"u8));
}
