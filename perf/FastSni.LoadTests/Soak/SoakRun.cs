using System.Diagnostics;
using System.Globalization;
using System.Net;
using FastSni.LoadTests.Staging;
using FastSni.Reports;
using Spectre.Console;
using Table = FastSni.Reports.Table;

namespace FastSni.LoadTests.Soak;

/// <summary>One soak from the first process to the verdict. Everything is on loopback, and nothing is left when it ends.</summary>
internal sealed class SoakRun(SoakOptions options, string directory)
{
    private const int LeastConsoleWidth = 200;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2), LeavingPatience = TimeSpan.FromSeconds(60);

    private readonly Ledger _ledger = new();
    private readonly Upheavals _upheavals = new(options.DrainTimeout);
    private readonly List<GatewaySample> _during = [];
    private readonly Stopwatch _clock = new();

    /// <summary>0 if everything asked of the gateway was met, else 1.</summary>
    public async Task<int> RunAsync(CancellationToken interrupt)
    {
        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, LeastConsoleWidth);
        Machine machine = new();
        using StreamBackend a1 = new(_ledger, _upheavals, hearsProxy: true, hearsHello: true), a2 = new(_ledger, _upheavals, hearsProxy: true, hearsHello: true);
        using StreamBackend b = new(_ledger, _upheavals, hearsProxy: false, hearsHello: true), mail = new(_ledger, _upheavals, hearsProxy: true, hearsHello: false);
        using HttpBackend app = new(_ledger);
        LoopbackServer[] servers = [a1, a2, b, mail, app];
        foreach (LoopbackServer server in servers)
            server.Start(IPAddress.Loopback);
        SoakConfig config = new()
        {
            Directory = directory,
            Doors = new(Loopback.FreePort(), Loopback.FreePort(), Loopback.FreePort(), Loopback.FreePort(), Loopback.FreePort()),
            Backends = (a1.EndPoint, a2.EndPoint, b.EndPoint, mail.EndPoint, app.EndPoint),
            Certificates = [SelfSigned.Make(directory, 0, SoakConfig.AppName), SelfSigned.Make(directory, 1, SoakConfig.AppName)],
            Workers = options.Workers,
            DrainTimeout = options.DrainTimeout,
            HelloTimeout = options.HelloTimeout,
        };
        using StagedGateway gateway = new(options.FastSniPath, directory, config.SocketPath);
        gateway.Write(config.Text(0));
        await gateway.StartAsync();
        AnsiConsole.WriteLine(SoakReport.Describe(options));
        await Task.Delay(Rest, CancellationToken.None);
        GatewaySample before = await gateway.SampleAsync(0);
        SoakLogs logs = new(config, gateway, _ledger);
        using SoakOperator acts = await LoadAsync(gateway, config, logs, interrupt);
        GatewaySample after = await AwaitEmptyAsync(gateway, servers, before);
        bool isAlive = gateway.IsServing;
        SoakObservation seen = new()
        {
            Options = options, Before = before, During = _during, After = after, IsAlive = isAlive,
            PredecessorExit = await gateway.FirstExitAsync(options.DrainTimeout + LeavingPatience),
            LeftAtStop = isAlive && await gateway.StopAsync(options.DrainTimeout + LeavingPatience),
        };
        logs.ReadRest();
        return Conclude(seen, acts, logs, machine);
    }

    private async Task<SoakOperator> LoadAsync(StagedGateway gateway, SoakConfig config, SoakLogs logs, CancellationToken interrupt)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(interrupt);
        _clock.Start();
        stop.CancelAfter(options.Length);
        SoakOperator acts = new(options, gateway, config, logs, _ledger, _upheavals, stop.Token);
        Task load = new SoakLoad(options, config.Doors, _ledger, _upheavals, stop.Token).RunAsync();
        Task operating = acts.RunAsync();
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(options.SampleEvery, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await SampleAsync(gateway);
        }
        await Task.WhenAll(load, operating);
        return acts;
    }

    private async Task SampleAsync(StagedGateway gateway)
    {
        try
        {
            GatewaySample sample = await gateway.SampleAsync(_clock.Elapsed.TotalSeconds);
            _during.Add(sample);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{sample.Seconds,7:0} s  process {sample.ProcessId}  RSS {sample.ResidentMib,6:0.0} MiB  descriptors {sample.Descriptors,5}  threads {sample.Threads,3}  sessions {sample.Sessions,4}  done {_ledger.TotalDone}  expected {_ledger.TotalExpected}  unexpected {_ledger.UnexpectedCount}"));
        }
        catch (Exception trouble) when (trouble is MeasurementException or IOException)
        {
            _ledger.NotExpected($"sample: {trouble.Message}");
        }
    }

    /// <summary>With the load gone and the servers too, so that no connection is kept for a next request: until the gateway holds nothing any more.</summary>
    private static async Task<GatewaySample> AwaitEmptyAsync(StagedGateway gateway, LoopbackServer[] servers, GatewaySample before)
    {
        foreach (LoopbackServer server in servers)
            server.Dispose();
        long until = Upheavals.Now + (long)LeavingPatience.TotalMilliseconds;
        GatewaySample sample;
        do
        {
            await Task.Delay(Rest);
            sample = await gateway.SampleAsync(0);
        }
        while ((sample.Sessions > 0 || sample.Descriptors > SoakVerdict.DescriptorsMax(before, sample)) && Upheavals.Now < until);
        return sample;
    }

    private int Conclude(SoakObservation seen, SoakOperator acts, SoakLogs logs, Machine machine)
    {
        SoakObservation timed = seen with { After = seen.After with { Seconds = _clock.Elapsed.TotalSeconds } };
        IReadOnlyList<SoakFinding> findings = SoakVerdict.Judge(timed, _ledger, acts);
        IReadOnlyList<Table> tables = SoakReport.Tables(timed, findings, _ledger, logs);
        foreach (Table table in tables.SkipLast(1))
            ConsoleReport.Write(table);
        Console.WriteLine(seen.After.Status);
        if (options.ReportPath is string path)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllText(path, SoakReport.Markdown(options, machine.DescribeHost(), tables));
        }
        bool isMet = findings.All(finding => finding.IsMet);
        Console.WriteLine($"verdict: {(isMet ? "met" : "NOT MET")}; done {_ledger.TotalDone}, expected {_ledger.TotalExpected}, unexpected {_ledger.UnexpectedCount}, "
            + $"reloads {acts.Reloads}, upgrades {acts.Upgrades}, bans {acts.Bans}, rotations {logs.Rotations}");
        return isMet ? 0 : 1;
    }
}
