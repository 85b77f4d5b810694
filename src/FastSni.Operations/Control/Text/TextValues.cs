using System.Globalization;

namespace FastSni.Operations;

/// <summary>Values as people read them.</summary>
internal static class TextValues
{
    /// <summary>The two largest units: `5s`, `3m 20s`, `2d 3h`.</summary>
    public static string Of(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays}d {time.Hours}h"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Hours}h {time.Minutes}m"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m {time.Seconds}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.Seconds}s"),
    };

    public static string OfSeconds(double seconds) => Of(TimeSpan.FromSeconds(double.IsFinite(seconds) ? Math.Clamp(seconds, 0, 1e9) : 0));

    public static string Of(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Bytes in the largest unit that leaves a whole number above nine: `980`, `47 KiB`, `12 MiB`.</summary>
    public static string OfBytes(long bytes)
    {
        string[] units = ["", " KiB", " MiB", " GiB", " TiB"];
        int unit = 0;
        for (; bytes >= 10 * 1024 && unit < units.Length - 1; unit++)
            bytes /= 1024;
        return Of(bytes) + units[unit];
    }

    /// <summary>The first few of many.</summary>
    public static string Of(IReadOnlyList<string> words)
    {
        const int ShownMax = 3;
        string shown = string.Join(", ", words.Take(ShownMax));
        return words.Count > ShownMax ? string.Create(CultureInfo.InvariantCulture, $"{shown} and {words.Count - ShownMax} more") : shown;
    }

    public static string Of(DateTimeOffset moment, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(moment, zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
