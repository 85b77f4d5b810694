using System.Collections.Immutable;
using FastSni.Backends;
using FastSni.Commands;
using FastSni.Config;
using FastSni.Handoff;
using FastSni.Hosting.Upgrade;
using FastSni.Http;
using FastSni.Linux;
using FastSni.Operations;
using FastSni.Passthrough;
using FastSni.Telemetry;
using Microsoft.Extensions.Logging;

namespace FastSni.Hosting;

/// <summary>The gateway as a service: starts everything in order, answers signals, stops everything in order.</summary>
internal sealed class Daemon : IDisposable
{
    /// <summary>Records a worker may be ahead of the log writer: 25 ms at 80,000 sessions a second.</summary>
    private const int RecordsPerRing = 2048;

    private readonly string _configPath;
    private readonly ProgramLog _programLog;
    private readonly ILogger _log;
    private readonly AccessLogWriter _accessLog;
    private readonly ServerRegistry _servers;
    private readonly HandoffQueue _handoffs = new();
    private readonly HttpRooms _rooms;
    private readonly HealthChecker _health;
    private readonly Gateway _gateway;
    private readonly Successor _successor;
    private volatile Snapshot _snapshot;
    private BackendPools _pools = BackendPools.Empty;

    private Daemon(string configPath, Snapshot snapshot, ProgramLog programLog)
    {
        (_configPath, _snapshot, _programLog) = (configPath, snapshot, programLog);
        _log = programLog.For("fastsni");
        _accessLog = new AccessLogWriter(new LogFiles(), TimeProvider.System, programLog.For<AccessLogWriter>());
        _servers = new ServerRegistry(programLog.For("backends"));
        int workers = snapshot.Gateway.Workers ?? Environment.ProcessorCount;
        ImmutableArray<RecordRing<SessionRecord>> records = [.. Enumerable.Range(0, workers).Select(_ => _accessLog.AddRing(RecordsPerRing))];
        _rooms = new HttpRooms(_handoffs, new HttpPlan(snapshot, _servers.Build(snapshot)), _accessLog, programLog);
        _health = new HealthChecker(programLog.For("backends"), TimeProvider.System);
        _gateway = new Gateway(records, _handoffs, ProcessLimits.RaiseOpenFiles(), programLog.For("passthrough"));
        _successor = new Successor(ProgramStart.Recall(), _log);
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
        _accessLog.Dispose();
    }

    private async Task<int> RunAsync(Action whenReady)
    {
        using Signals signals = new();
        using Inheritance inheritance = Inheritance.Take(_log);
        _gateway.Inherit(inheritance.Sockets);
        IReadOnlyList<string> errors = await ApplyAsync(_snapshot);
        foreach (string error in errors)
            Console.Error.WriteLine($"fastsni: {_configPath}: {error}");
        if (errors.Count > 0)
            return ExitCode.Wrong;
        using CancellationTokenSource stop = new();
        Task resolver = Resolver.RunAsync(_servers, () => _snapshot.Gateway.ResolveInterval, stop.Token);
        SayWarnings(_snapshot);
        Log.Ready(_log, VersionCommand.Text, _configPath);
        _rooms.Start();
        await inheritance.AnnounceAsync();
        SystemdNotify.Ready();
        whenReady();
        await AnswerAsync(signals);
        await stop.CancelAsync();
        await resolver;
        await _health.DisposeAsync();
        return ExitCode.Done;
    }

    private async Task AnswerAsync(Signals signals)
    {
        while (true)
        {
            switch (await signals.Requests.ReadAsync())
            {
                case Request.Reload:
                    await TryReloadAsync();
                    // The old table may be tens of megabytes, and nothing else here makes enough garbage for the collector to come by itself.
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
                    break;
                case Request.Reopen:
                    Reopen();
                    break;
                case Request.Upgrade:
                    if (await UpgradeAsync(signals) is not { } isReplaced)
                        break;
                    await DrainAsync(signals, isReplaced);
                    return;
                default:
                    await DrainAsync(signals, isReplaced: false);
                    return;
            }
        }
    }

    // Whatever goes wrong in here, the gateway goes on.
    private async Task TryReloadAsync()
    {
        try
        {
            await ReloadAsync();
        }
        catch (Exception fault)
        {
            Log.ReloadFault(_log, fault);
            SystemdNotify.Ready();
        }
    }

    private async Task ReloadAsync()
    {
        SystemdNotify.Reloading();
        ConfigResult result = ConfigLoader.Load(_configPath);
        IEnumerable<string> errors = result.Snapshot is { } snapshot
            ? (await ApplyAsync(snapshot)).Select(error => $"{_configPath}: {error}")
            : result.Errors.Select(error => error.ToString());
        int count = 0;
        foreach (string error in errors)
        {
            count++;
            Log.ReloadError(_log, error);
        }
        if (count > 0)
            Log.ReloadRefused(_log, _configPath, count);
        else
        {
            _snapshot = result.Snapshot!;
            SayWarnings(_snapshot);
            Log.Reloaded(_log, _configPath);
        }
        SystemdNotify.Ready();
    }

    // All or nothing: what can be refused comes first, and what was changed before a refusal is changed back.
    private async Task<IReadOnlyList<string>> ApplyAsync(Snapshot snapshot)
    {
        if (_accessLog.Apply(snapshot.Gateway) is { } accessLogError)
            return [$"[gateway] access-log: {accessLogError}"];
        try
        {
            if (IsOtherLog(snapshot.Gateway))
                _programLog.Apply(snapshot.Gateway);
        }
        catch (Exception failure) when (FileTrouble.IsExpected(failure))
        {
            _accessLog.Apply(_snapshot.Gateway);
            return [$"[gateway] log: {FileTrouble.Describe(failure, snapshot.Gateway.Log)}"];
        }
        BackendPools pools = _servers.Build(snapshot);
        await _servers.ResolveNewAsync();
        IReadOnlyList<string> errors = await _gateway.ApplyAsync(snapshot, pools, whenCertain: () => _rooms.Apply(new HttpPlan(snapshot, pools)));
        if (errors.Count == 0)
        {
            _pools = pools;
            _health.Apply(pools, snapshot);
        }
        else if (snapshot != _snapshot)
            RestoreLogs(snapshot);
        _servers.Keep(_pools);
        return errors;
    }

    private bool IsOtherLog(GatewayOptions options) => (options.Log, options.LogLevel) != (_snapshot.Gateway.Log, _snapshot.Gateway.LogLevel);

    // The old targets may have become unusable since they were opened: then the new ones go on, and the gateway too.
    private void RestoreLogs(Snapshot refused)
    {
        if (_accessLog.Apply(_snapshot.Gateway) is { } error)
            Log.ReopenFailed(_log, error);
        try
        {
            if (IsOtherLog(refused.Gateway))
                _programLog.Apply(_snapshot.Gateway);
        }
        catch (Exception failure) when (FileTrouble.IsExpected(failure))
        {
            Log.ReopenFailed(_log, FileTrouble.Describe(failure, _snapshot.Gateway.Log));
        }
    }

    private void Reopen()
    {
        _accessLog.RequestReopen();
        try
        {
            _programLog.Apply(_snapshot.Gateway);
            Log.Reopened(_log);
        }
        catch (Exception failure) when (FileTrouble.IsExpected(failure))
        {
            Log.ReopenFailed(_log, FileTrouble.Describe(failure, _snapshot.Gateway.Log));
        }
    }

    // null: nothing has changed. Else this process has to leave, and whether somebody serves in its place.
    private async Task<bool?> UpgradeAsync(Signals signals)
    {
        using CancellationTokenSource stop = new();
        Task<string?> start = _successor.StartAsync(_gateway.ListeningSockets, stop.Token);
        while (!start.IsCompleted)
        {
            using CancellationTokenSource waiting = new();
            Task<Request> next = signals.Requests.ReadAsync(waiting.Token).AsTask();
            await Task.WhenAny(start, next);
            await waiting.CancelAsync();
            if (next is not { IsCompletedSuccessfully: true, Result: Request request })
                continue;
            if (request == Request.Stop)
                await stop.CancelAsync();
            else if (request == Request.Reopen)
                Reopen();
            else
                Log.UpgradeIgnored(_log);
        }
        return await start is null ? true : stop.IsCancellationRequested ? false : null;
    }

    private async Task DrainAsync(Signals signals, bool isReplaced)
    {
        if (!isReplaced)
            SystemdNotify.Stopping();
        TimeSpan timeout = _snapshot.Gateway.DrainTimeout;
        Log.Draining(_log, _gateway.Sessions, timeout.TotalSeconds);
        using CancellationTokenSource hurry = new();
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(hurry.Token);
        end.CancelAfter(timeout);
        await _gateway.StopListeningAsync();
        Task rooms = _rooms.StopAsync(end.Token);
        Task<int> drain = _gateway.DrainAsync(timeout, hurry.Token);
        // Behind an upgrade the first SIGTERM is meant for the successor, which drains too (systemctl stop tells both).
        int stopsLeft = isReplaced ? 2 : 1;
        while (!drain.IsCompleted && stopsLeft > 0)
        {
            Task<Request> next = signals.Requests.ReadAsync(hurry.Token).AsTask();
            if (await Task.WhenAny(drain, next) != next || !next.IsCompletedSuccessfully)
                continue;
            if (await next == Request.Stop && --stopsLeft == 0)
                await hurry.CancelAsync();
            else if (await next == Request.Upgrade)
                Log.UpgradeIgnored(_log);
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

    private void SayWarnings(Snapshot snapshot)
    {
        foreach (string warning in snapshot.Warnings)
            Log.ConfigWarning(_log, warning);
    }
}
