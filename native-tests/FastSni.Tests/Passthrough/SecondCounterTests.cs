using FastSni.Passthrough;
using Xunit;

namespace FastSni.Tests.Passthrough;

public class SecondCounterTests
{
    [Fact]
    public void Tells_the_last_whole_second_and_no_other()
    {
        SecondCounter counter = new();
        Assert.Equal(0, counter.LastSecond(At(0)));
        Count(counter, At(7.0), At(7.5), At(7.999));
        Assert.Equal(0, counter.LastSecond(At(7.999)));
        Assert.Equal(3, counter.LastSecond(At(8.0)));
        Count(counter, At(8.1), At(8.2));
        Assert.Equal(3, counter.LastSecond(At(8.9)));
        Assert.Equal(2, counter.LastSecond(At(9.0)));
        Assert.Equal(0, counter.LastSecond(At(10.0)));
    }

    [Fact]
    public void A_second_without_a_count_is_none_even_between_two_that_had_some()
    {
        SecondCounter counter = new();
        Count(counter, At(3.0), At(5.0));
        Assert.Equal(0, counter.LastSecond(At(5.1)));
        Assert.Equal(1, counter.LastSecond(At(6.0)));
    }

    private static void Count(SecondCounter counter, params Instant[] moments)
    {
        foreach (Instant moment in moments)
            counter.Count(moment);
    }

    private static Instant At(double seconds) => new((long)(seconds * 1_000_000));
}
