using System.Collections.Immutable;
using FastSni.Backends;
using FastSni.Bans;
using FastSni.Commands;
using FastSni.Config;
using FastSni.Hosting.Upgrade;
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

    /// <summary>
    /// Behind an upgrade: who was accepted a moment ago has TLS and its first request still before it, and would not come a second time if it were closed now.
    /// </summary>
    private static readonly TimeSpan FirstRequestTime = TimeSpan.FromSeconds(5);

    private readonly ILogger _log;
    private readonly AccessLogWriter _accessLog;
    private readonly ServerRegistry _servers;
    private readonly BanDesk _bans;
    private readonly MemoryGuard _memory;
    private readonly HttpRooms _rooms;
    private readonly HealthChecker _health;
    private readonly Gateway _gateway;
    private readonly Operators _operators;
    private readonly ConfigInForce _config;
    private readonly Requests _requests = new();
    private readonly StatusReporter _status;
    private readonly Replacement _replacement;

    private Daemon(string configPath, Snapshot snapshot, ProgramLog programLog)
    {
        _log = programLog.For("fastsni");
        _accessLog = new AccessLogWriter(new LogFiles(), TimeProvider.System, programLog.For<AccessLogWriter>());
        _servers = new ServerRegistry(programLog.For("backends"));
        _bans = new BanDesk(programLog.For("bans"), TimeProvider.System);
        int workers = snapshot.Gateway.Workers ?? Environment.ProcessorCount;
        ImmutableArray<RecordRing<SessionRecord>> records = [.. Enumerable.Range(0, workers).Select(_ => _accessLog.AddRing(RecordsPerRing))];
        _rooms = new HttpRooms(new HttpPlan(snapshot, _servers.Build(snapshot)), _accessLog, programLog);
        _health = new HealthChecker(programLog.For("backends"), TimeProvider.System);
        _gateway = new Gateway(records, _rooms, _bans.Table, ProcessLimits.RaiseOpenFiles(), programLog.For("passthrough"));
        _memory = new MemoryGuard(CgroupMemory.Find(), programLog.For("memory"));
        _gateway.MemoryIsShort = () => _memory.IsShort;
        _operators = new Operators(programLog);
        _config = new ConfigInForce(configPath, snapshot, programLog, _accessLog, _servers, _rooms, _health, _gateway, _bans, _operators);
        _status = new StatusReporter(_config, _gateway, _rooms, _bans, _accessLog, _operators);
        _replacement = new Replacement(new Successor(ProgramStart.Recall(), _log), _gateway, _servers, _config, _bans, _operators, _requests, _log);
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
        _memory.Dispose();
        _rooms.Dispose();
        _config.Dispose();
        _bans.Dispose();
        _accessLog.Dispose();
        _requests.Dispose();
    }

    private async Task<int> RunAsync(Action whenReady)
    {
        using Inheritance inheritance = Inheritance.Take(_log);
        _gateway.Inherit(inheritance.Sockets);
        _servers.DrainAtFirst(inheritance.Drains);
        _bans.Start(_config.Snapshot, CloseBanned);
        IReadOnlyList<string> errors = await _config.StartAsync();
        foreach (string error in errors)
            Console.Error.WriteLine($"fastsni: {error}");
        if (errors.Count > 0)
            return ExitCode.Wrong;
        using CancellationTokenSource stop = new();
        Task resolver = Resolver.RunAsync(_servers, () => _config.Snapshot.Gateway.ResolveInterval, stop.Token);
        await inheritance.AnnounceAsync();
        GatewayControl control = new(_status.Report, _config, _gateway, _servers, _bans, _requests);
        await _operators.OpenAsync(control, _config.Snapshot.Admin, inheritance.Predecessor);
        inheritance.Dispose();
        Log.Ready(_log, VersionCommand.Text, _config.Path);
        SystemdNotify.Ready();
        whenReady();
        Task giveBack = StartMemory.GiveBackAsync(stop.Token);
        await DrainAsync(isReplaced: await AnswerAsync());
        await stop.CancelAsync();
        await resolver;
        await giveBack;
        await _operators.DisposeAsync();
        await _health.DisposeAsync();
        return ExitCode.Done;
    }

    /// <returns>When this process has to leave: whether another serves in its place.</returns>
    private async Task<bool> AnswerAsync()
    {
        while (true)
        {
            Requests.Asked asked = await _requests.NextAsync();
            switch (asked.Request)
            {
                case Request.Reload:
                    await _config.ReloadAsync();
                    break;
                case Request.Reopen:
                    _config.ReopenLogs();
                    break;
                case Request.Upgrade:
                    if (await _replacement.TryAsync(asked) is { } isReplaced)
                        return isReplaced;
                    break;
                default:
                    return false;
            }
        }
    }

    private async Task DrainAsync(bool isReplaced)
    {
        _status.IsDraining = true;
        await _config.FreezeAsync();
        if (!isReplaced)
            SystemdNotify.Stopping();
        TimeSpan timeout = _config.Snapshot.Gateway.DrainTimeout;
        Log.Draining(_log, _gateway.Sessions, timeout.TotalSeconds);
        using CancellationTokenSource hurry = new();
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(hurry.Token);
        end.CancelAfter(timeout);
        await _gateway.StopListeningAsync();
        Task rooms = StopRoomsAsync(isReplaced ? Shorter(timeout / 2, FirstRequestTime) : TimeSpan.Zero, end.Token);
        Task<int> drain = _gateway.DrainAsync(timeout, hurry.Token);
        await WatchAsync(drain, hurry, isReplaced);
        int closed = await drain;
        await end.CancelAsync();
        await rooms;
        string ends = string.Join(", ", Enum.GetValues<CloseReason>().Where(reason => _gateway.Ended(reason) > 0).Select(reason => $"{reason.Name()} {_gateway.Ended(reason)}"));
        Log.Stopped(_log, closed, _gateway.Accepted, ends, _gateway.PipesRefused, _accessLog.DroppedRecords);
        if (_gateway.Ended(CloseReason.HandedOff) > 0)
            Log.StoppedHttp(_log, string.Join(", ", _rooms.Counters.Select(counter => $"{counter.Key} {counter.Value}")));
        await hurry.CancelAsync();
    }

    private async Task StopRoomsAsync(TimeSpan after, CancellationToken hurry)
    {
        await Task.Delay(after, hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _rooms.StopAsync(hurry);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    // Requests that come during the drain: another stop ends it at once.
    private async Task WatchAsync(Task drain, CancellationTokenSource hurry, bool isReplaced)
    {
        // Behind an upgrade the first SIGTERM is meant for the successor, which drains too (systemctl stop tells both).
        int stopsLeft = isReplaced ? 2 : 1;
        while (!drain.IsCompleted && stopsLeft > 0)
        {
            Task<Requests.Asked> next = _requests.NextAsync(hurry.Token).AsTask();
            if (await Task.WhenAny(drain, next) != next || !next.IsCompletedSuccessfully)
                continue;
            Requests.Asked asked = await next;
            if (asked.Request == Request.Stop && --stopsLeft == 0)
                await hurry.CancelAsync();
            else if (asked.Request == Request.Reopen)
                _config.ReopenLogs();
            else if (asked.Request == Request.Upgrade)
                _replacement.Refuse(asked);
        }
    }

    // Asked for by a timer, which may not wait.
    private async void CloseBanned()
    {
        try
        {
            await _gateway.CloseClientsAsync(_bans.Table.IsBanned);
        }
        catch (Exception fault)
        {
            Log.BanFault(_log, fault);
        }
    }
}
