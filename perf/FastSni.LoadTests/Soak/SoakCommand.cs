using System.CommandLine;
using FastSni.LoadTests.Staging;
using FastSni.Reports;

namespace FastSni.LoadTests.Soak;

/// <summary>`soak`: its options, and where it works.</summary>
internal static class SoakCommand
{
    private static readonly TimeSpan LengthMax = TimeSpan.FromDays(7);

    private static readonly Option<string> FastSni =
        new("--fastsni") { Description = "the published fastsni binary", DefaultValueFactory = _ => "artifacts/fastsni/fastsni" };
    private static readonly Option<double?> Minutes = new("--minutes") { Description = "how long the load lasts (default 60)" };
    private static readonly Option<double?> Seconds = new("--seconds") { Description = "the same in seconds" };
    private static readonly Option<int> Workers = Number("--workers", "worker threads of the gateway", 2);
    private static readonly Option<int> Passthrough = Number("--passthrough", "passthrough, PROXY-in and tcp connections that come and go", 400);
    private static readonly Option<int> Idle = Number("--idle", "passthrough connections that are merely open", 100);
    private static readonly Option<int> Offload = Number("--offload", "connections whose TLS ends at the gateway", 100);
    private static readonly Option<int> Plain = Number("--plain", "clients of port 80", 20);
    private static readonly Option<int> Hostile = Number("--hostile", "clients that send garbage, too little, or open too much", 10);
    private static readonly Option<double> Life = new("--life-seconds") { Description = "average life of a connection that comes and goes", DefaultValueFactory = _ => 15 };
    private static readonly Option<double> Aborts = new("--abort-percent") { Description = "connections reset by the client somewhere on their way", DefaultValueFactory = _ => 1 };
    private static readonly Option<double?> Reload = new("--reload-seconds") { Description = "between two reloads (default: a twelfth of the length)" };
    private static readonly Option<double?> Rotate = new("--rotate-seconds") { Description = "between two log rotations (default: a tenth of the length)" };
    private static readonly Option<double?> Ban = new("--ban-seconds") { Description = "between two bans (default: a thirtieth of the length)" };
    private static readonly Option<double?> Sample = new("--sample-seconds") { Description = "between two looks at the process (default: 5, or less in a short run)" };
    private static readonly Option<int> Drain = Number("--drain-seconds", "drain-timeout of the process that is upgraded", 20);
    private static readonly Option<string?> Report = new("--report") { Description = "also write the result as Markdown into this file" };

    public static Command Build()
    {
        Command command = new("soak", "Hours of mixed load on one gateway, with reloads, bans, log rotation, aborts and an upgrade; ends with a verdict and exit status 0 or 1.")
        {
            FastSni, Minutes, Seconds, Workers, Passthrough, Idle, Offload, Plain, Hostile, Life, Aborts, Reload, Rotate, Ban, Sample, Drain, Report,
        };
        command.SetAction(async (parsed, _) => await RunAsync(Read(parsed)));
        return command;
    }

    private static async Task<int> RunAsync(SoakOptions options)
    {
        // An end before its time is an end in order: what was started is ended, and there is a verdict on what was seen.
        using Interruption interruption = new();
        DirectoryInfo directory = Directory.CreateTempSubdirectory("fastsni-soak-");
        try
        {
            return await new SoakRun(options, directory.FullName).RunAsync(interruption.Token);
        }
        catch (MeasurementException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static SoakOptions Read(ParseResult parsed)
    {
        double wanted = parsed.GetValue(Seconds) ?? (60 * (parsed.GetValue(Minutes) ?? 60));
        TimeSpan length = TimeSpan.FromSeconds(Math.Clamp(wanted, 10, LengthMax.TotalSeconds));
        return new()
        {
            FastSniPath = Path.GetFullPath(parsed.GetRequiredValue(FastSni)),
            Length = length,
            Workers = parsed.GetValue(Workers),
            Passthrough = parsed.GetValue(Passthrough),
            Idle = parsed.GetValue(Idle),
            Offload = parsed.GetValue(Offload),
            Plain = parsed.GetValue(Plain),
            Hostile = parsed.GetValue(Hostile),
            Life = TimeSpan.FromSeconds(Math.Min(parsed.GetValue(Life), length.TotalSeconds / 10)),
            AbortShare = parsed.GetValue(Aborts) / 100,
            ReloadEvery = Interval(Reload, length / 12),
            RotateEvery = Interval(Rotate, length / 10),
            BanEvery = Interval(Ban, length / 30),
            SampleEvery = Interval(Sample, TimeSpan.FromSeconds(Math.Min(5, length.TotalSeconds / 40))),
            DrainTimeout = TimeSpan.FromSeconds(parsed.GetValue(Drain)),
            ReportPath = parsed.GetValue(Report),
        };

        TimeSpan Interval(Option<double?> option, TimeSpan otherwise) => parsed.GetValue(option) is double seconds ? TimeSpan.FromSeconds(seconds) : otherwise;
    }

    private static Option<int> Number(string name, string description, int value) => new(name) { Description = description, DefaultValueFactory = _ => value };
}
