using System.Text;
using FastSni.Operations;
using Xunit;

namespace FastSni.Tests.Operations;

public class LocalTimestampTests
{
    [Theory]
    [InlineData(0, "2026-11-23T09:15:30.123+00:00")]
    [InlineData(330, "2026-11-23T14:45:30.123+05:30")]
    [InlineData(-210, "2026-11-23T05:45:30.123-03:30")]
    [InlineData(-30, "2026-11-23T08:45:30.123-00:30")]
    [InlineData(840, "2026-11-23T23:15:30.123+14:00")]
    [InlineData(-600, "2026-11-22T23:15:30.123-10:00")]
    public void Time_is_local_with_its_offset(int offsetMinutes, string expected)
    {
        LocalTimestamp timestamp = new(new ManualClock { Zone = ManualClock.Offset(TimeSpan.FromMinutes(offsetMinutes)) });
        Assert.Equal(expected, Format(timestamp, new DateTime(2026, 11, 23, 9, 15, 30, 123)));
    }

    [Theory]
    [InlineData("2026-03-29T00:59:59.999", "2026-03-29T01:59:59.999+01:00")]
    [InlineData("2026-03-29T01:00:00.000", "2026-03-29T03:00:00.000+02:00")]
    [InlineData("2026-10-25T00:59:59.999", "2026-10-25T02:59:59.999+02:00")]
    [InlineData("2026-10-25T01:00:00.000", "2026-10-25T02:00:00.000+01:00")]
    public void The_change_to_summer_time_and_back_is_followed(string utc, string expected)
    {
        LocalTimestamp timestamp = new(new ManualClock { Zone = CentralEurope() });
        DateTime instant = DateTime.Parse(utc, System.Globalization.CultureInfo.InvariantCulture);
        _ = Format(timestamp, instant.AddMinutes(-1));
        Assert.Equal(expected, Format(timestamp, instant));
    }

    [Fact]
    public void Every_instant_reads_back()
    {
        LocalTimestamp timestamp = new(new ManualClock { Zone = CentralEurope() });
        Random random = new(5);
        for (int sample = 0; sample < 2000; sample++)
        {
            DateTime instant = new DateTime(2026, 1, 1).AddMilliseconds(random.NextInt64(365L * 86_400_000));
            DateTimeOffset back = DateTimeOffset.ParseExact(
                Format(timestamp, instant), "yyyy-MM-dd'T'HH:mm:ss.fffzzz", System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(instant, back.UtcDateTime);
        }
    }

    private static string Format(LocalTimestamp timestamp, DateTime utc) => Encoding.ASCII.GetString(timestamp.Format(utc.Ticks));

    private static TimeZoneInfo CentralEurope()
    {
        DateTime two = new(1, 1, 1, 2, 0, 0), three = new(1, 1, 1, 3, 0, 0);
        TimeZoneInfo.AdjustmentRule rule = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
            DateTime.MinValue.Date,
            DateTime.MaxValue.Date,
            TimeSpan.FromHours(1),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(two, 3, 5, DayOfWeek.Sunday),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(three, 10, 5, DayOfWeek.Sunday));
        return TimeZoneInfo.CreateCustomTimeZone("Test/CentralEurope", TimeSpan.FromHours(1), null, null, null, [rule]);
    }
}
