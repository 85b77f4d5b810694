using FastSni.Compare.Contenders;

namespace FastSni.Compare.Reporting;

/// <summary>What is asked of FastSni, and of the limit program before anything is compared with it.</summary>
internal static class Goals
{
    /// <summary>What the figures of `names` and `idle` are meant for.</summary>
    public const int Names = 1_000_000, IdleConnections = 9000;

    // A digit more than in the other tables, so that a near miss does not read like a hit.
    private const string RatioFormat = "0.000";

    private const string Cpu = "cpu", P999 = "p999", PerConnection = "perConnection";

    // Where a single figure was set for both, it stands twice.
    public static IReadOnlyList<Goal> OfFastSni { get; } =
    [
        Ratio("CPU per GB, 16 streams", "bulk16", Cpu, ContenderCatalogue.Limit, bound: 1.15, wanted: 1.05),
        Ratio("CPU per GB, 16 streams", "bulk16", Cpu, ContenderCatalogue.Nginx, bound: 0.30, wanted: 0.25),
        Ratio("GB/s, 16 streams", "bulk16", "rate", ContenderCatalogue.Limit, bound: 0.9, wanted: 1.0) with { IsAtLeast = true },
        Ratio("CPU of a short connection", "conn", Cpu, ContenderCatalogue.Limit, bound: 1.10, wanted: 0.95),
        Ratio("CPU of a short connection", "conn", Cpu, ContenderCatalogue.Haproxy, bound: 1.0, wanted: null),
        Ratio("CPU of a short connection", "conn", Cpu, Goal.BestPeer, bound: null, wanted: 1.0),
        new("CPU of a connection with PROXY v2 ÷ without", "conn-proxy", "proxyGrowth", RatioFormat) { Bound = 1.02, Wanted = 1.02 },
        Ratio("CPU of a 64 B round trip", "ping64", Cpu, ContenderCatalogue.Limit, bound: 1.15, wanted: 1.05),
        Ratio("CPU of a 16 KiB round trip", "ping16k", Cpu, ContenderCatalogue.Limit, bound: 1.12, wanted: 1.05),
        new("p50 added to direct, one CPU, µs", "latency", "p50", "0.0")
            { Reference = ContenderCatalogue.Direct, IsDifference = true, Bound = 24, Wanted = 22 },
        Ratio("p99.9 of round trips at 50 % of capacity", "paced50", P999, Goal.BestPeer, bound: null, wanted: 1.0),
        Ratio("p99.9 of round trips at 80 % of capacity", "paced80", P999, Goal.BestPeer, bound: null, wanted: 1.0),
        Ratio("p99.9 of short connections at 50 % of capacity", "paced-conn50", P999, Goal.BestPeer, bound: null, wanted: 1.0),
        Ratio("p99.9 of short connections at 80 % of capacity", "paced-conn80", P999, Goal.BestPeer, bound: null, wanted: 1.0),
        new("two workers ÷ one", "workers2", "scaling", "0.00") { IsAtLeast = true, Wanted = 1.8 },
        new("anonymous memory of an idle connection, bytes", "idle", "user", "0") { Bound = 1024, Wanted = 300 },
        new("wake-ups/s with idle connections", "idle", "wakeups", "0.0") { Bound = 0, Wanted = 0 },
        new("exec to first connection, ms", "start", "listening", "0.0") { Bound = 50 },
        new("RSS at rest, MiB", "start", "rest", "0.0") { Bound = 20, Wanted = 12 },
        new("big name table ready, s", "names", "ready", "0.000") { Bound = 1, Wanted = 0.5 },
        new("RSS with the big name table, MiB", "names", "resident", "0.0") { Bound = 100, Wanted = 60 },
        new("CPU of a connection, big ÷ small name table", "names", "growth", RatioFormat) { Bound = 1.02, Wanted = 1.02 },
        Ratio("CPU of an HTTPS request, 1 kB", "offload-h1-1k", Cpu, ContenderCatalogue.Nginx, bound: 1.3, wanted: 1.0),
        Ratio("CPU of an HTTPS request, 1 kB", "offload-h1-1k", Cpu, ContenderCatalogue.Caddy, bound: 0.5, wanted: null),
        Ratio("CPU of an HTTP/2 request, 1 kB", "offload-h2-1k", Cpu, ContenderCatalogue.Nginx, bound: 1.3, wanted: 1.0),
        Ratio("CPU of an HTTPS request, 100 kB", "offload-h1-100k", Cpu, ContenderCatalogue.Nginx, bound: 1.2, wanted: 1.05),
        Ratio("CPU of a full handshake and a request", "offload-handshake", Cpu, ContenderCatalogue.Nginx, bound: 1.1, wanted: 1.0),
        Ratio("CPU of a resumed handshake and a request", "offload-resume", Cpu, ContenderCatalogue.Nginx, bound: 1.1, wanted: 1.0),
        Ratio("RSS of an idle TLS connection", "offload-idle", PerConnection, ContenderCatalogue.Nginx, bound: null, wanted: 2.0),
        new("passthrough p99.9 beside offload ÷ beside a busy stranger", "offload-and-passthrough", "growth", RatioFormat) { Bound = 1.10, Wanted = 1.10 },
        Ratio("passthrough p99.9 beside offload", "offload-and-passthrough", "offloadP999", ContenderCatalogue.Nginx, bound: null, wanted: 1.0),
    ];

    /// <summary>What makes the limit program the limit; all of it has to hold in the same run.</summary>
    public static IReadOnlyList<Goal> OfLimit { get; } =
    [
        new("system calls a connection", "syscalls", "connection", "0.0") { Bound = 16 },
        new("system calls a MB, pipes of 1 MiB", "syscalls", "megabyte", "0.0") { Bound = 2.6 },
        new("system calls a 64 B round trip", "syscalls", "small", "0.0") { Bound = 4.4 },
        Ratio("CPU of a short connection, 1 B answer", "conn-1b", Cpu, ContenderCatalogue.Nginx, bound: 0.95, wanted: null),
        Ratio("CPU per GB, 16 streams", "bulk16", Cpu, ContenderCatalogue.Nginx, bound: 0.25, wanted: null),
    ];

    private static Goal Ratio(string what, string mode, string metric, string reference, double? bound, double? wanted) =>
        new($"{what}, × {reference}", mode, metric, RatioFormat) { Reference = reference, Bound = bound, Wanted = wanted };
}
