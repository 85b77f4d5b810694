using System.Collections.Immutable;
using FastSni.Backends;
using FastSni.Bans;
using FastSni.Commands;
using FastSni.Config;
using FastSni.Handoff;
using FastSni.Http;
using FastSni.Linux;
using FastSni.Operations;
using FastSni.Passthrough;
using FastSni.Telemetry;
using Microsoft.Extensions.Logging;

namespace FastSni.Hosting;

/// <summary>The gateway as a service: starts everything in order, answers what it is asked, stops everything in order.</summary>
internal sealed class Daemon : IDisposable
{
    /// <summary>Records a worker may be ahead of the log writer: 25 ms at 80,000 sessions a second.</summary>
    private const int RecordsPerRing = 2048;

    private readonly ILogger _log;
    private readonly AccessLogWriter _accessLog;
    private readonly ServerRegistry _servers;
    private readonly HandoffQueue _handoffs = new();
    private readonly HttpRooms _rooms;
    private readonly HealthChecker _health;
    private readonly Gateway _gateway;
    private readonly ConfigInForce _config;

    private Daemon(string configPath, Snapshot snapshot, ProgramLog programLog)
    {
        _log = programLog.For("fastsni");
        _accessLog = new AccessLogWriter(new LogFiles(), TimeProvider.System, programLog.For<AccessLogWriter>());
        _servers = new ServerRegistry(programLog.For("backends"));
        int workers = snapshot.Gateway.Workers ?? Environment.ProcessorCount;
        ImmutableArray<RecordRing<SessionRecord>> records = [.. Enumerable.Range(0, workers).Select(_ => _accessLog.AddRing(RecordsPerRing))];
        _rooms = new HttpRooms(_handoffs, new HttpPlan(snapshot, _servers.Build(snapshot)), _accessLog, programLog);
        _health = new HealthChecker(programLog.For("backends"), TimeProvider.System);
        _gateway = new Gateway(records, _handoffs, new BanTable(), ProcessLimits.RaiseOpenFiles(), programLog.For("passthrough"));
        _config = new ConfigInForce(configPath, snapshot, programLog, _accessLog, _servers, _rooms, _health, _gateway);
    }

    /// <summary>Runs until told to stop.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    internal static int Run(string configPath) => Run(configPath, whenReady: () => { });

    /// <param name="whenReady">Called once the gateway accepts.</param>
    internal static int Run(string configPath, Action whenReady)
    {
        if (ConfigOption.Load(configPath) is not { } snapshot)
            return ExitCode.Wrong;
        try
        {
            using ProgramLog programLog = ProgramLog.Open(snapshot.Gateway);
            using Daemon daemon = new(configPath, snapshot, programLog);
            return daemon.RunAsync(whenReady).GetAwaiter().GetResult();
        }
        catch (Exception failure) when (FileTrouble.IsExpected(failure))
        {
            Console.Error.WriteLine($"fastsni: {configPath}: [gateway] log: {FileTrouble.Describe(failure, snapshot.Gateway.Log)}");
            return ExitCode.Wrong;
        }
    }

    public void Dispose()
    {
        _gateway.Dispose();
        _rooms.Dispose();
        _config.Dispose();
        _accessLog.Dispose();
    }

    private async Task<int> RunAsync(Action whenReady)
    {
        using Requests requests = new();
        IReadOnlyList<string> errors = await _config.StartAsync();
        foreach (string error in errors)
            Console.Error.WriteLine($"fastsni: {error}");
        if (errors.Count > 0)
            return ExitCode.Wrong;
        using CancellationTokenSource stop = new();
        Task resolver = Resolver.RunAsync(_servers, () => _config.Snapshot.Gateway.ResolveInterval, stop.Token);
        Log.Ready(_log, VersionCommand.Text, _config.Path);
        SystemdNotify.Ready();
        whenReady();
        _rooms.Start();
        await AnswerAsync(requests);
        await stop.CancelAsync();
        await resolver;
        await _health.DisposeAsync();
        return ExitCode.Done;
    }

    private async Task AnswerAsync(Requests requests)
    {
        while (true)
        {
            switch ((await requests.NextAsync()).Request)
            {
                case Request.Reload:
                    await _config.ReloadAsync();
                    break;
                case Request.Reopen:
                    _config.ReopenLogs();
                    break;
                case Request.Upgrade:
                    Log.NoUpgrade(_log);
                    break;
                default:
                    await DrainAsync(requests);
                    return;
            }
        }
    }

    private async Task DrainAsync(Requests requests)
    {
        SystemdNotify.Stopping();
        TimeSpan timeout = _config.Snapshot.Gateway.DrainTimeout;
        Log.Draining(_log, _gateway.Sessions, timeout.TotalSeconds);
        using CancellationTokenSource hurry = new();
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(hurry.Token);
        end.CancelAfter(timeout);
        await _gateway.StopListeningAsync();
        Task rooms = _rooms.StopAsync(end.Token);
        Task<int> drain = _gateway.DrainAsync(timeout, hurry.Token);
        while (!drain.IsCompleted)
        {
            Task<Requests.Asked> next = requests.NextAsync(hurry.Token).AsTask();
            if (await Task.WhenAny(drain, next) == next && next is { IsCompletedSuccessfully: true, Result.Request: Request.Stop })
            {
                await hurry.CancelAsync();
                break;
            }
        }
        int closed = await drain;
        await end.CancelAsync();
        await rooms;
        string ends = string.Join(", ", Enum.GetValues<CloseReason>().Where(reason => _gateway.Ended(reason) > 0).Select(reason => $"{reason.Name()} {_gateway.Ended(reason)}"));
        Log.Stopped(_log, closed, _gateway.Accepted, ends, _gateway.PipesRefused, _accessLog.DroppedRecords);
        if (_gateway.Ended(CloseReason.HandedOff) > 0)
            Log.StoppedHttp(_log, _rooms.Counters);
        await hurry.CancelAsync();
    }
}
