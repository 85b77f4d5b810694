using System.Globalization;

namespace FastSni.Operations;

/// <summary>What `fastsni status` shows: one screen.</summary>
public static class StatusText
{
    public static void Write(StatusReport status, DateTimeOffset now, TextWriter target)
    {
        Line(target, "gateway", $"fastsni {status.Version}, process {status.ProcessId}, {status.State} for {TextValues.OfSeconds(status.UptimeSeconds)}, {status.Workers} worker(s)");
        Line(target, "config", $"{status.Config}");
        Line(target, "listening", $"{string.Join(", ", status.Listening)}");
        Line(target, "sessions", $"{status.Sessions} of {status.SessionsMax} open, {status.PendingHellos} of them before their hello");
        Line(target, "accepted", $"{status.Accepted} since the start, {status.AcceptedPerSecond} in the last second");
        Line(target, "bans", $"{status.Bans}");
        Routes(status.Routes).Write(target);
        Certificates(status.Certificates, now).Write(target);
        Counts(">ENDED", "REASON", status.Ended).Write(target);
        Counts(">COUNT", "OF", status.Counters.Where(counter => counter.Value != 0)).Write(target);
    }

    private static void Line(TextWriter target, string what, FormattableString value) =>
        target.WriteLine($"{what,-9}  {TerminalText.Escape(value.ToString(CultureInfo.InvariantCulture))}".TrimEnd());

    private static TextTable Routes(IReadOnlyList<RouteReport> routes)
    {
        TextTable table = new("ROUTE", "SERVER", "STATE", ">SESSIONS", "NAMES");
        foreach (RouteReport route in routes)
        {
            string section = route.Section, names = TextValues.Of(route.Names);
            if (route.Servers.Count == 0)
                table.Add(section, "-", "-", "-", names);
            foreach (ServerReport server in route.Servers)
            {
                table.Add(section, server.Address, server.State, TextValues.Of(server.Sessions), names);
                (section, names) = ("", "");
            }
        }
        return table;
    }

    private static TextTable Certificates(IReadOnlyList<CertificateReport> certificates, DateTimeOffset now)
    {
        TextTable table = new(">DAYS LEFT", "CERTIFICATE", "ROUTES");
        foreach (CertificateReport certificate in certificates.OrderBy(certificate => certificate.NotAfter))
            table.Add(TextValues.Of((long)Math.Floor((certificate.NotAfter - now).TotalDays)), certificate.File ?? "(self-signed, made in memory)", TextValues.Of(certificate.Sections));
        return table;
    }

    private static TextTable Counts(string count, string what, IEnumerable<KeyValuePair<string, long>> counts)
    {
        TextTable table = new(count, what);
        foreach ((string name, long number) in counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal))
            table.Add(TextValues.Of(number), name);
        return table;
    }
}
