using System.Globalization;
using System.Text.RegularExpressions;
using FastSni.Reports;

namespace FastSni.Compare.Running;

/// <summary>Calls wrk and h2load and reads what they print.</summary>
internal sealed partial class HttpLoad(string directory, int cpu)
{
    // Handshakes come in small bursts; over a second at once they would measure a queue.
    private const int BurstsPerSecond = 10;

    // One for all: where the server chooses, some take AES-256, whose longer hash alone makes a handshake 7 % dearer.
    private static readonly string[] OneCipher = ["--tls13-ciphers", "TLS_AES_128_GCM_SHA256"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private int _runs;

    /// <summary>Starts the client; <see cref="Finish"/> waits for its end.</summary>
    /// <param name="secondsMin">Rounded up: wrk knows whole seconds only.</param>
    public HttpRun Start(HttpTraffic traffic, Site site, double secondsMin)
    {
        int seconds = (int)Math.Ceiling(secondsMin);
        string log = Path.Combine(directory, $"http-{++_runs}.log");
        return new(Launched.Silent(new(traffic.Program, Arguments(traffic, site, seconds)), Place.On(cpu), log), traffic, log, seconds);
    }

    public static HttpResult Finish(HttpRun run)
    {
        if (!run.Client.WaitForExit(TimeSpan.FromSeconds(run.Seconds) + Patience))
            throw new MeasurementException($"{run.Traffic.Program} did not end: {run.Client.LogTail}");
        string output = File.ReadAllText(run.LogPath);
        HttpResult result = run.Traffic.Program == HttpTraffic.Wrk ? ReadWrk(output) : ReadH2Load(output);
        return result.Requests > result.Failed ? result : throw new MeasurementException($"no request was answered well: {run.Client.LogTail}");
    }

    private static string[] Arguments(HttpTraffic traffic, Site site, int seconds)
    {
        string url = $"https://{Site.OffloadName}:{site.ListenPort}/{HttpTraffic.FileName(traffic.Bytes)}";
        string[] wrk = ["--threads", "1", "--connections", $"{traffic.Connections}", "--duration", $"{seconds}s", "--latency"];
        string connections = $"{traffic.Connections * seconds}", burst = $"{traffic.Connections / BurstsPerSecond}";
        string period = $"{1000 / BurstsPerSecond}ms";
        return traffic.Kind switch
        {
            HttpClientKind.Http1 => [.. wrk, url],
            HttpClientKind.Http1Closing => [.. wrk, "--header", "Connection: close", url],
            HttpClientKind.Http2 =>
                [.. OneCipher, "--clients", $"{traffic.Connections}", "--max-concurrent-streams", $"{traffic.Streams}", "--duration", $"{seconds}", url],
            HttpClientKind.Handshakes =>
                [.. OneCipher, "--h1", "--requests", connections, "--clients", connections, "--rate", burst, "--rate-period", period, url],
            _ => throw new ArgumentOutOfRangeException(nameof(traffic)),
        };
    }

    private static HttpResult ReadWrk(string output)
    {
        long failed = Number(WrkStatuses().Match(output)) + WrkErrors().Matches(output).SelectMany(match => match.Groups.Values.Skip(1))
            .Sum(group => long.Parse(group.Value, CultureInfo.InvariantCulture));
        return new(Number(WrkRequests().Match(output)), failed, Latency("50"), Latency("99"));

        double? Latency(string percent)
        {
            Match match = WrkLatencies().Matches(output).FirstOrDefault(match => match.Groups[1].Value == percent) ?? Match.Empty;
            double unit = match.Groups[3].Value switch { "us" => 1, "ms" => 1e3, _ => 1e6 };
            return match.Success ? double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) * unit : null;
        }
    }

    private static HttpResult ReadH2Load(string output)
    {
        Match requests = H2LoadRequests().Match(output);
        long[] counts = [.. requests.Groups.Values.Skip(1).Select(group => group.Success ? long.Parse(group.Value, CultureInfo.InvariantCulture) : 0)];
        // h2load does not take another status than 2xx for a failure.
        long otherStatuses = Math.Max(0, counts[0] - Number(H2LoadStatuses().Match(output)));
        return new(counts[0], otherStatuses + counts[1], null, null);
    }

    private static long Number(Match match) => match.Success ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"^\s+(\d+) requests in ", RegexOptions.Multiline)]
    private static partial Regex WrkRequests();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex WrkStatuses();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex WrkErrors();

    [GeneratedRegex(@"^\s+(\d+)%\s+([\d.]+)(us|ms|s)$", RegexOptions.Multiline)]
    private static partial Regex WrkLatencies();

    [GeneratedRegex(@"^requests: .* (\d+) done, \d+ succeeded, (\d+) failed", RegexOptions.Multiline)]
    private static partial Regex H2LoadRequests();

    [GeneratedRegex(@"^status codes: (\d+) 2xx", RegexOptions.Multiline)]
    private static partial Regex H2LoadStatuses();
}

/// <summary>An HTTP client under way. Disposing it ends it.</summary>
internal sealed record HttpRun(Launched Client, HttpTraffic Traffic, string LogPath, int Seconds) : IDisposable
{
    public void Dispose() => Client.Dispose();
}
