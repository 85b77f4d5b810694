using FastSni.Wire;
using Microsoft.Extensions.Logging;

namespace FastSni.Operations;

/// <summary>Counts and tells what the admin server refuses and does; of what any peer can cause again and again, one line in ten seconds for each kind.</summary>
internal sealed class AdminEvents(TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Throttle _peers = new(time, Interval), _connections = new(time, Interval), _tokens = new(time, Interval),
        _attempts = new(time, Interval), _files = new(time, Interval), _defects = new(time, Interval);

    internal AdminCounters Counters { get; } = new();

    internal void PeerRefused(IpEndpoint peer)
    {
        Counters.CountPeerRefused();
        if (Passes(_peers))
            AdminLog.PeerRefused(log, Text(peer), Counters.PeersRefused);
    }

    internal void ConnectionRefused(IpEndpoint peer)
    {
        Counters.CountConnectionRefused();
        if (Passes(_connections))
            AdminLog.ConnectionRefused(log, Text(peer), Counters.ConnectionsRefused);
    }

    internal void TokenWrong(IpEndpoint peer)
    {
        Counters.CountTokenWrong();
        if (Passes(_tokens))
            AdminLog.TokenWrong(log, Text(peer), Counters.TokensWrong);
    }

    internal void AttemptLimited(IpEndpoint peer)
    {
        Counters.CountAttemptLimited();
        if (Passes(_attempts))
            AdminLog.AttemptLimited(log, Text(peer), Counters.AttemptsLimited);
    }

    internal void TokenFileUnusable(string file, string problem)
    {
        if (Passes(_files))
            AdminLog.TokenFileUnusable(log, file, problem);
    }

    internal void Banned(IpEndpoint peer, AddressPrefix prefix) => AdminLog.Banned(log, Text(peer), Text(prefix));

    internal void Unbanned(IpEndpoint peer, AddressPrefix prefix) => AdminLog.Unbanned(log, Text(peer), Text(prefix));

    internal void RequestFault(Exception fault)
    {
        if (Passes(_defects))
            AdminLog.RequestFault(log, fault);
    }

    private static bool Passes(Throttle throttle)
    {
        lock (throttle)
            return throttle.TryPass();
    }

    private static string Text<T>(T value)
        where T : struct => value.ToString()!;
}
