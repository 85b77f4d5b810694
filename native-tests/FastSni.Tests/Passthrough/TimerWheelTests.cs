using FastSni.Passthrough;
using Xunit;

namespace FastSni.Tests.Passthrough;

public class TimerWheelTests
{
    private static readonly Instant Start = new(123_456_789);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(16_385)]
    [InlineData(1_048_575)]         // The last tick of the first level and the first of the second.
    [InlineData(1_048_576)]
    [InlineData(1_064_960)]
    [InlineData(5_000_000)]
    [InlineData(67_108_864)]        // The third level.
    [InlineData(3_600_000_000)]
    [InlineData(4_294_967_296)]     // The fourth.
    [InlineData(270_000_000_000)]
    public void A_deadline_passes_in_its_time_and_sleeping_for_it_takes_few_wake_ups(long micros)
    {
        for (long offset = 0; offset < 40_000_000; offset += 3_999_999)
        {
            WheelModel model = new(new Instant(Start.Micros + offset));
            model.Schedule(0, new Instant(model.Now.Micros + micros));
            int wakeUps = 0;
            while (model.Sleep())
                wakeUps++;
            Assert.Equal((1, 0), (model.Expired, model.Pending));
            Assert.InRange(wakeUps, 1, 5);      // One a level, and one for the rounding to milliseconds.
        }
    }

    [Fact]
    public void A_deadline_beyond_the_horizon_is_looked_at_again_and_again_and_passes_in_its_time()
    {
        WheelModel model = new(Start);
        model.Schedule(0, Start + TimeSpan.FromDays(30));
        int wakeUps = 0;
        while (model.Sleep())
            wakeUps++;
        Assert.Equal(1, model.Expired);
        Assert.InRange(wakeUps, 1, 100);
    }

    [Fact]
    public void With_nothing_scheduled_or_all_cancelled_the_sleep_has_no_end()
    {
        WheelModel model = new(Start);
        Assert.False(model.Sleep());
        model.Schedule(1, Start + TimeSpan.FromSeconds(1));
        model.Schedule(2, Start + TimeSpan.FromHours(1));
        model.Cancel(1);
        model.Cancel(2);
        model.Cancel(2);
        Assert.False(model.Sleep());
    }

    [Fact]
    public void An_earlier_deadline_replaces_a_later_one_and_a_later_one_changes_nothing()
    {
        WheelModel model = new(Start);
        model.Schedule(1, Start + TimeSpan.FromHours(1));
        model.Schedule(1, Start + TimeSpan.FromSeconds(1));
        model.Schedule(1, Start + TimeSpan.FromHours(2));
        model.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(0, model.Expired);
        model.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal((1, 0), (model.Expired, model.Pending));
    }

    [Fact]
    public void After_a_sleep_of_hours_everything_due_meanwhile_passes_at_once()
    {
        WheelModel model = new(Start);
        for (int slot = 0; slot < 500; slot++)
            model.Schedule(slot, Start + TimeSpan.FromSeconds(slot * slot));
        model.Advance(TimeSpan.FromHours(70));
        Assert.Equal((500, 0), (model.Expired, model.Pending));
    }

    [Fact]
    public void A_deadline_of_never_does_not_pass_within_days()
    {
        TimerWheel wheel = new(Start);
        wheel.GrowTo(0);
        wheel.Schedule(0, Instant.Never);
        Assert.False(wheel.TryExpire(Start + TimeSpan.FromDays(3), out _));
    }

    [Fact]
    public void Slots_that_are_added_later_keep_the_old_ones_scheduled()
    {
        TimerWheel wheel = new(Start);
        wheel.GrowTo(0);
        wheel.Schedule(0, Start + TimeSpan.FromSeconds(1));
        wheel.GrowTo(5_000);
        wheel.Schedule(5_000, Start + TimeSpan.FromSeconds(1));
        HashSet<int> expired = [];
        while (wheel.TryExpire(Start + TimeSpan.FromSeconds(2), out int slot))
            Assert.True(expired.Add(slot));
        Assert.Equal([0, 5_000], expired.Order());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_is_scheduled_moved_and_cancelled_passes_in_its_time(int seed)
    {
        Random random = new(seed);
        WheelModel model = new(new Instant(random.NextInt64(1L << 50)));
        for (int step = 0; step < 3_000; step++)
        {
            int slot = random.Next(WheelModel.SlotsMax);
            switch (random.Next(10))
            {
                case < 6:
                    // A few lie in the past already.
                    model.Schedule(slot, model.Now + (Span(random) - (random.Next(10) == 0 ? TimeSpan.FromSeconds(0.1) : TimeSpan.Zero)));
                    break;
                case 6:
                    model.Cancel(slot);
                    break;
                case 7:
                    model.Sleep();
                    break;
                default:
                    model.Advance(random.Next(20) == 0 ? Span(random) : TimeSpan.FromMicroseconds(random.Next(200_000)));
                    break;
            }
        }
        while (model.Sleep())
        {
        }
        Assert.Equal(0, model.Pending);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    /// <summary>From nothing to a hundred hours, every order of magnitude alike.</summary>
    private static TimeSpan Span(Random random) => TimeSpan.FromMicroseconds(Math.Pow(10, random.NextDouble() * 11.55));
}
