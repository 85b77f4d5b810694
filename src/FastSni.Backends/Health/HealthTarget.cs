using System.Net;
using FastSni.Config;

namespace FastSni.Backends;

/// <summary>What one check looks at, and how. Lists that say the same of a server share a check, and a reload that says it again lets it go on.</summary>
/// <param name="Port">Where to connect to; meaningless for a unix socket.</param>
internal sealed record HealthTarget(Server Server, HealthCheckOptions Check, int Port)
{
    internal static readonly TimeSpan TimeoutMin = TimeSpan.FromSeconds(1), TimeoutMax = TimeSpan.FromSeconds(5);

    /// <summary>Speaks for ourselves: the header says LOCAL or UNKNOWN.</summary>
    internal ProxyProtocol ProxyProtocol { get; init; }

    /// <summary>The address of ours that sessions come from; null = the kernel's choice.</summary>
    internal IPAddress? Source { get; init; }

    /// <summary>This and the next two matter to an http check alone.</summary>
    internal HttpScheme Scheme { get; init; }

    internal BackendVerification Verification { get; init; } = BackendVerification.Off;

    internal string? ServerName { get; init; }

    /// <summary>Of one check, all addresses of the server together: an interval, but neither less than 1 s nor more than 5 s.</summary>
    internal TimeSpan Timeout => TimeSpan.FromTicks(Math.Clamp(Check.Interval.Ticks, TimeoutMin.Ticks, TimeoutMax.Ticks));

    /// <summary>For the log.</summary>
    internal string Kind => Check.Kind switch { HealthCheckKind.Tcp => "tcp", HealthCheckKind.Tls => "tls", _ => "http" };

    /// <summary>All there is to check in a snapshot; the same target may come several times.</summary>
    internal static IEnumerable<HealthTarget> AllOf(BackendPools pools, Snapshot snapshot)
    {
        foreach ((_, ServerList list) in BackendPools.ListsOf(snapshot))
        {
            if (list.HealthCheck is not { } check)
                continue;
            // A list with a check has a port for each server that is no unix socket: the configuration sees to it.
            foreach (Server server in pools[list].Servers)
                yield return Create(list, new HealthTarget(server, check, server.Config.Port ?? 0));
        }
    }

    private static HealthTarget Create(ServerList list, HealthTarget target) => list switch
    {
        BackendOptions backend => target with { ProxyProtocol = backend.ProxyProtocol, Source = backend.SourceAddress },
        HttpBackendOptions http when target.Check.Kind == HealthCheckKind.Http =>
            target with { Scheme = http.Scheme, Verification = http.Verification, ServerName = http.ServerName },
        _ => target,
    };
}
