using System.Diagnostics;
using FastSni.Backends;
using FastSni.Bans;
using FastSni.Commands;
using FastSni.Config;
using FastSni.Operations;
using FastSni.Passthrough;
using FastSni.Telemetry;

namespace FastSni.Hosting;

/// <summary>Gathers what `fastsni status` shows from all rooms.</summary>
internal sealed class StatusReporter(ConfigInForce config, Gateway gateway, HttpRooms rooms, BanDesk bans, AccessLogWriter accessLog, Operators operators)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>True from the moment nobody new is accepted.</summary>
    internal bool IsDraining { get; set; }

    internal StatusReport Report() => new()
    {
        Version = VersionCommand.Text,
        ProcessId = Environment.ProcessId,
        Config = config.Path,
        UptimeSeconds = Stopwatch.GetElapsedTime(_started).TotalSeconds,
        State = IsDraining ? "draining" : "serving",
        Workers = gateway.Workers,
        Sessions = gateway.Sessions,
        SessionsMax = gateway.SessionsMax,
        PendingHellos = gateway.PendingHellos,
        Accepted = gateway.Accepted,
        AcceptedPerSecond = gateway.AcceptedPerSecond,
        Ended = Enum.GetValues<CloseReason>().Where(reason => gateway.Ended(reason) > 0).ToDictionary(reason => reason.Name(), gateway.Ended),
        Counters = Counters(),
        Listening = [.. gateway.Endpoints.Select(endpoint => endpoint.ToString())],
        Routes = Routes(),
        Certificates = Certificates(),
        Bans = bans.Count,
    };

    private Dictionary<string, long> Counters()
    {
        Dictionary<string, long> counters = new()
        {
            ["accept-pauses"] = gateway.AcceptPauses,
            ["memory-refused"] = gateway.MemoryRefused,
            ["pipes-held"] = gateway.PipesHeld,
            ["pipes-idle"] = gateway.PipesIdle,
            ["pipes-refused"] = gateway.PipesRefused,
            ["log-lines-lost"] = accessLog.DroppedRecords,
            ["bans-refused-full"] = bans.RefusedFull,
        };
        foreach ((string name, long count) in rooms.Counters.Concat(operators.Counters))
            counters[name] = count;
        return counters;
    }

    private RouteReport[] Routes()
    {
        Dictionary<string, IReadOnlyList<string>> names = config.Snapshot.Sections.ToDictionary(section => section.Label, section => (IReadOnlyList<string>)section.Names);
        return [.. config.Pools.Report().Select(section => new RouteReport(
            section.Section, names.GetValueOrDefault(section.Section) ?? [], [.. section.Servers.Select(Server)]))];
    }

    private static ServerReport Server(ServerState server) => new(server.Address, server.Condition switch
    {
        ServerCondition.Up => "up",
        ServerCondition.Draining => "draining",
        _ => "down",
    }, server.Active);

    private CertificateReport[] Certificates()
    {
        ILookup<TlsIdentity, string> users = config.Snapshot.Sections.OfType<OffloadSection>().Select(section => (section.Tls, section.Label))
            .Append((config.Snapshot.DefaultSite.Tls, "default")).ToLookup(user => user.Item1, user => user.Item2);
        return [.. rooms.CertificateEnds().Select(end => new CertificateReport(end.Key.Certificate, [.. users[end.Key]], end.Value))];
    }
}
