using FastSni.Compare.Running;

namespace FastSni.Compare.Modes;

internal static class ModeCatalogue
{
    /// <summary>Stands for all modes whose names begin with it.</summary>
    public const string OffloadGroup = "offload";

    private const int AnswerBytes = 1024;

    // Connections that keep one worker busy without queueing for their own sake.
    private const int BusyConnections = 32, PingConnections = 64, BulkStreams = 16;

    public static Traffic ShortConnections { get; } = new("close", "conn", BusyConnections) { ResponseBytes = AnswerBytes };
    public static Traffic ManyStreams { get; } = new("stream", "bulk", BulkStreams);
    public static Traffic SmallRoundTrips { get; } = new("echo", "ping", PingConnections) { ResponseBytes = 64 };
    public static Traffic MediumRoundTrips { get; } = new("echo", "ping", PingConnections) { ResponseBytes = 16 * 1024 };

    private static readonly Traffic TinyAnswers = ShortConnections with { ResponseBytes = 1 };
    private static readonly Traffic OneStream = ManyStreams with { Connections = 1 };
    private static readonly Traffic LonelyRoundTrips = SmallRoundTrips with { Connections = 1 };

    private static readonly Mode[] All =
    [
        new TrafficMode("conn", "Short connections: hello, 1 kB answer, end", ShortConnections, TrafficCost.Connections),
        new TrafficMode("conn-1b", "Short connections: hello, 1 byte answer, end", TinyAnswers, TrafficCost.Connections),
        new ProxyMode("conn-proxy"),
        new TrafficMode("bulk16", "Bulk download, 16 streams", ManyStreams, TrafficCost.Bytes),
        new TrafficMode("bulk1", "Bulk download, 1 stream", OneStream, TrafficCost.Bytes),
        new TrafficMode("ping64", "Round trips, 64 B request and 64 B answer, 64 connections", SmallRoundTrips, TrafficCost.RoundTrips),
        new TrafficMode("ping16k", "Round trips, 64 B request and 16 KiB answer, 64 connections", MediumRoundTrips, TrafficCost.RoundTrips),
        new TrafficMode("latency", "Round trips, 64 B, 1 connection, everything on one CPU", LonelyRoundTrips, TrafficCost.Latency)
            { IsOnLoadCpu = true },
        new PacedMode("paced50", "Round trips, 64 B, 64 connections, open loop at 50 % of nginx's capacity", SmallRoundTrips, "paced", 0.5),
        new PacedMode("paced80", "Round trips, 64 B, 64 connections, open loop at 80 % of nginx's capacity", SmallRoundTrips, "paced", 0.8),
        new PacedMode("paced-conn50", "Short connections, open loop at 50 % of nginx's capacity", ShortConnections, "paced-conn", 0.5),
        new PacedMode("paced-conn80", "Short connections, open loop at 80 % of nginx's capacity", ShortConnections, "paced-conn", 0.8),
        new WorkersMode("workers2", "Short connections", ShortConnections),
        new IdleMode("idle"),
        new StartMode("start"),
        new NamesMode("names"),
        new SyscallsMode("syscalls"),
        new OffloadMode("offload-h1-1k", "HTTPS, HTTP/1.1 keep-alive, 1 kB", new(HttpClientKind.Http1, HttpTraffic.Small, BusyConnections)),
        new OffloadMode("offload-h1-100k", "HTTPS, HTTP/1.1 keep-alive, 100 kB", new(HttpClientKind.Http1, HttpTraffic.Large, BusyConnections)),
        new OffloadMode("offload-h2-1k", "HTTPS, HTTP/2, 8 connections of 16 streams, 1 kB",
            new(HttpClientKind.Http2, HttpTraffic.Small, 8) { Streams = 16 }),
        new OffloadMode("offload-handshake", "HTTPS, a full handshake a request, 640/s", new(HttpClientKind.Handshakes, HttpTraffic.Small, 640)),
        new OffloadMode("offload-resume", "HTTPS, a connection a request, resumed where the contender lets it",
            new(HttpClientKind.Http1Closing, HttpTraffic.Small, BusyConnections)),
        new OffloadIdleMode("offload-idle"),
        new BothMode("offload-and-passthrough"),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(mode => mode.Name)];

    public static IReadOnlyList<string> Expand(IEnumerable<string> asked) =>
        [.. asked.SelectMany(name => name == OffloadGroup ? Names.Where(known => known.StartsWith(OffloadGroup, StringComparison.Ordinal)) : [name])];

    public static Mode Find(string name) => All.Single(mode => mode.Name == name);
}
