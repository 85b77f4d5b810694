using System.Globalization;
using FastSni.Compare.Contenders;
using FastSni.Reports;

namespace FastSni.Compare.Reporting;

/// <summary>FastSni against what it is asked for, as far as this run measured it.</summary>
internal static class GoalTable
{
    // A digit more than in the other tables, so that a near miss does not read like a hit.
    private const string RatioFormat = "0.000";

    private static readonly Goal[] Goals =
    [
        new("CPU of a short connection, × haproxy", "conn", "cpu", RatioFormat, 1.0) { Reference = ContenderCatalogue.Haproxy, IsAsked = true },
        new("CPU per GB, 16 streams, × nginx", "bulk16", "cpu", RatioFormat, 0.4) { Reference = ContenderCatalogue.Nginx, IsAsked = true },
        new("exec to first connection, ms", "start", "listening", "0.0", 50) { IsAsked = true },
        new("RSS at rest, MiB", "start", "rest", "0.0", 20) { IsAsked = true },
        new("CPU of an HTTPS request, 1 kB, × nginx", "offload-h1-1k", "cpu", RatioFormat, 1.3)
            { Reference = ContenderCatalogue.Nginx, IsAsked = true },
        new("CPU of an HTTPS request, 1 kB, × nginx", "offload-h1-1k", "cpu", RatioFormat, 1.0) { Reference = ContenderCatalogue.Nginx },
        new("CPU of an HTTPS request, 1 kB, × caddy", "offload-h1-1k", "cpu", RatioFormat, 0.5) { Reference = ContenderCatalogue.Caddy },
        new("CPU of an HTTPS request, 100 kB, × nginx", "offload-h1-100k", "cpu", RatioFormat, 1.05) { Reference = ContenderCatalogue.Nginx },
        new("CPU of an HTTP/2 request, 1 kB, × nginx", "offload-h2-1k", "cpu", RatioFormat, 1.0) { Reference = ContenderCatalogue.Nginx },
        new("CPU of a full handshake and a request, × nginx", "offload-handshake", "cpu", RatioFormat, 1.0) { Reference = ContenderCatalogue.Nginx },
        new("passthrough p99.9 beside offload ÷ beside a busy stranger", "offload-and-passthrough", "growth", "0.00", 1.5),
        new("passthrough p99.9 beside offload, × nginx", "offload-and-passthrough", "offloadP999", RatioFormat, 1.0)
            { Reference = ContenderCatalogue.Nginx },
        new("CPU of a short connection, × limit", "conn", "cpu", RatioFormat, 0.95) { Reference = ContenderCatalogue.Limit },
        new("CPU of a connection with PROXY v2 ÷ without", "conn-proxy", "proxyGrowth", RatioFormat, 1.02),
        new("CPU per GB, 16 streams, × limit", "bulk16", "cpu", RatioFormat, 1.05) { Reference = ContenderCatalogue.Limit },
        new("GB/s, 16 streams, × limit", "bulk16", "rate", RatioFormat, 1.0) { Reference = ContenderCatalogue.Limit, IsAtLeast = true },
        new("CPU of a 64 B round trip, × limit", "ping64", "cpu", RatioFormat, 1.05) { Reference = ContenderCatalogue.Limit },
        new("CPU of a 16 KiB round trip, × limit", "ping16k", "cpu", RatioFormat, 1.05) { Reference = ContenderCatalogue.Limit },
        new("p50 added to direct, one CPU, µs", "latency", "p50", "0.0", 22) { Reference = ContenderCatalogue.Direct, IsDifference = true },
        new("RSS of an idle connection, bytes", "idle", "perConnection", "0", 300),
        new("wake-ups/s with idle connections", "idle", "wakeups", "0.0", 0),
        new("RSS at rest, MiB", "start", "rest", "0.0", 12),
        new("big name table ready, s", "names", "ready", "0.000", 0.5),
        new("RSS with the big name table, MiB", "names", "resident", "0.0", 60),
        new("CPU of a connection, big ÷ small name table", "names", "growth", RatioFormat, 1.02),
    ];

    public static Table Build(Results results)
    {
        List<IReadOnlyList<string>> rows = [];
        foreach (Goal goal in Goals)
        {
            Spread measured = goal.Measured(results, ContenderCatalogue.FastSni);
            if (measured.IsEmpty)
                continue;
            string bound = (goal.IsAtLeast ? "≥ " : "≤ ") + goal.Bound.ToString(goal.Format, CultureInfo.InvariantCulture);
            rows.Add([goal.IsAsked ? "asked" : "own goal", goal.Sentence, bound, measured.Show(goal.Format), goal.IsMet(measured) ? "yes" : "NO"]);
        }
        return new("FastSni against what is asked of it", ["whose", "what", "bound", "measured", "met"], rows, []);
    }
}
