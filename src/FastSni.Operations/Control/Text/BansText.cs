namespace FastSni.Operations;

/// <summary>What `fastsni bans` shows.</summary>
public static class BansText
{
    /// <param name="zone">Of the times shown.</param>
    public static void Write(BansReport report, TimeZoneInfo zone, TextWriter target)
    {
        target.WriteLine($"{TextValues.Of(report.Bans.Count)} ban(s)");
        TextTable table = new("ADDRESS", "SINCE", "UNTIL", "REASON");
        foreach (BanEntry ban in report.Bans)
        {
            string until = ban.IsFromFile ? "(in the file)" : ban.Until is { } end ? TextValues.Of(end, zone) : "(no end)";
            table.Add(ban.Address, TextValues.Of(ban.Since, zone), until, ban.Reason);
        }
        table.Write(target);
    }
}
