using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

/// <summary>How long a ban lasts.</summary>
public sealed class BanDurationTests
{
    [Theory]
    [InlineData("1h", 3600)]
    [InlineData("90d", 90 * 86_400)]
    [InlineData("1s", 1)]
    public void A_ban_lasts_as_long_as_a_duration_of_the_file_says(string text, double seconds)
    {
        Assert.True(BanDuration.TryParse(text, out TimeSpan duration, out _));
        Assert.Equal(seconds, duration.TotalSeconds);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("60")]
    [InlineData("999ms")]
    [InlineData("99999999999d")]
    [InlineData("")]
    public void Or_the_sentence_says_what_to_write(string text)
    {
        Assert.False(BanDuration.TryParse(text, out _, out string? problem));
        Assert.Contains("write", problem, StringComparison.Ordinal);
    }
}
