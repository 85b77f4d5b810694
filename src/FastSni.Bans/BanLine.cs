using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>One ban as a line of the state file: address, since, until or `-`, reason. An editor's user may write them too, with any white space between.</summary>
internal static class BanLine
{
    private const string Written = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", Read = "yyyy-MM-dd'T'HH:mm:ss.FFF'Z'";

    internal static string Write(Ban ban) =>
        string.Join('\t', ban.Prefix.ToString(), TimeText(ban.Since), ban.Until is { } until ? TimeText(until) : "-", ban.Reason);

    internal static bool TryRead(string line, [NotNullWhen(true)] out Ban? ban)
    {
        ban = null;
        string[] parts = line.Split((char[]?)null, 4, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 3 || !AddressPrefix.TryParse(parts[0], out AddressPrefix prefix) || !TryReadTime(parts[1], out DateTimeOffset since))
            return false;
        DateTimeOffset until = default;
        bool hasEnd = parts[2] != "-";
        if (hasEnd && !TryReadTime(parts[2], out until))
            return false;
        ban = new Ban(prefix, BanReason.Clean(parts.Length > 3 ? parts[3] : ""), since, hasEnd ? until : null, IsFromFile: false);
        return true;
    }

    private static string TimeText(DateTimeOffset time) => time.UtcDateTime.ToString(Written, CultureInfo.InvariantCulture);

    private static bool TryReadTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Read, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}
