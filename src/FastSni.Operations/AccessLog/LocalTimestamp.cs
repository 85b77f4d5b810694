using System.Globalization;

namespace FastSni.Operations;

/// <summary>
/// `2026-11-23T10:15:30.123+01:00`: local time with its offset, always 29 bytes. All but seconds and milliseconds is kept for the minute:
/// no zone changes its offset within one.
/// </summary>
internal sealed class LocalTimestamp
{
    private readonly TimeProvider _time;
    private readonly byte[] _text = "0000-00-00T00:00:00.000+00:00"u8.ToArray();
    private long _minute = -1;      // Minutes since the year 1, UTC, that _text is of.

    public LocalTimestamp(TimeProvider time) => _time = time;

    /// <param name="utcTicks"><see cref="DateTime.Ticks"/>, UTC.</param>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<byte> Format(long utcTicks)
    {
        (long minute, long ticks) = Math.DivRem(utcTicks, TimeSpan.TicksPerMinute);
        if (minute != _minute)
        {
            WriteMinute(new DateTime(minute * TimeSpan.TicksPerMinute, DateTimeKind.Utc));
            _minute = minute;
        }
        Write(17, ticks / TimeSpan.TicksPerSecond, "D2");
        Write(20, ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMillisecond, "D3");
        return _text;
    }

    private void WriteMinute(DateTime utc)
    {
        TimeZoneInfo zone = _time.LocalTimeZone;
        TimeZoneInfo.ConvertTimeFromUtc(utc, zone).TryFormat(_text, out _, "yyyy'-'MM'-'dd'T'HH':'mm", CultureInfo.InvariantCulture);
        TimeSpan offset = zone.GetUtcOffset(utc);
        _text[23] = (byte)(offset < TimeSpan.Zero ? '-' : '+');
        Write(24, Math.Abs(offset.Hours), "D2");
        Write(27, Math.Abs(offset.Minutes), "D2");
    }

    private void Write(int position, long number, ReadOnlySpan<char> format) =>
        number.TryFormat(_text.AsSpan(position), out _, format, CultureInfo.InvariantCulture);
}
