using FastSni.Backends;
using FastSni.Bans;
using FastSni.Config;
using FastSni.Http;
using FastSni.Operations;
using FastSni.Passthrough;
using Microsoft.Extensions.Logging;

namespace FastSni.Hosting;

/// <summary>The configuration the gateway follows, and the way from one to the next: all of it or nothing.</summary>
internal sealed class ConfigInForce(
    string path, Snapshot first, ProgramLog programLog, AccessLogWriter accessLog, ServerRegistry servers, HttpRooms rooms, HealthChecker health, Gateway gateway,
    BanDesk bans, Operators operators) : IDisposable
{
    internal const string FrozenSentence = "this process is upgrading or draining: nothing of it changes any more";

    private readonly ILogger _log = programLog.For("fastsni");
    private readonly SemaphoreSlim _turn = new(1);      // A signal and an operator may ask at the same time.
    private readonly Snapshot _settled = first;
    private volatile Snapshot _snapshot = first;
    private BackendPools _pools = BackendPools.Empty;
    private volatile bool _isFrozen;

    internal string Path => path;

    internal Snapshot Snapshot => _snapshot;

    internal BackendPools Pools => _pools;

    /// <summary>An upgrade or the end has begun.</summary>
    internal bool IsFrozen => _isFrozen;

    /// <summary>Puts the first configuration into force.</summary>
    /// <returns>What is in the way, each as `FILE: [section] key: sentence`; empty: it is in force.</returns>
    internal async Task<IReadOnlyList<string>> StartAsync()
    {
        string[] errors = [.. (await ApplyAsync(_snapshot)).Select(WithPath)];
        if (errors.Length == 0)
            SayWarnings();
        return errors;
    }

    /// <summary>Reads the file again and follows it, or says why not. Whatever goes wrong in here, the gateway goes on.</summary>
    internal async Task<ReloadReport> ReloadAsync()
    {
        await _turn.WaitAsync();
        if (_isFrozen)
        {
            _turn.Release();
            return new ReloadReport([FrozenSentence], [], []);
        }
        SystemdNotify.Reloading();
        try
        {
            return await TryReloadAsync();
        }
        catch (Exception fault)
        {
            Log.ReloadFault(_log, fault);
            return new ReloadReport(["a fault, which the gateway's log describes; it goes on with what is in force"], [], []);
        }
        finally
        {
            SystemdNotify.Ready();
            _turn.Release();
            // The old table may be tens of megabytes, and nothing else here makes enough garbage for the collector to come by itself.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }
    }

    /// <summary>From here on nothing is reloaded: an upgrade or the end has begun. Waits for a reload under way.</summary>
    internal async Task FreezeAsync()
    {
        await _turn.WaitAsync();
        _isFrozen = true;
        _turn.Release();
    }

    /// <summary>The upgrade came to nothing.</summary>
    internal void Thaw() => _isFrozen = false;

    /// <summary>Opens the log files again, after they were rotated.</summary>
    internal void ReopenLogs()
    {
        accessLog.RequestReopen();
        try
        {
            programLog.Apply(_snapshot.Gateway);
            Log.Reopened(_log);
        }
        catch (Exception failure) when (FileTrouble.IsExpected(failure))
        {
            Log.ReopenFailed(_log, FileTrouble.Describe(failure, _snapshot.Gateway.Log));
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<ReloadReport> TryReloadAsync()
    {
        ConfigResult result = ConfigLoader.Load(path);
        Snapshot? next = result.Snapshot is { } loaded ? KeepWhatIsSettled(loaded) : null;
        string[] errors = next is not null
            ? [.. (await ApplyAsync(next)).Select(WithPath)]
            : [.. result.Errors.Select(error => error.ToString())];
        foreach (string error in errors)
            Log.ReloadError(_log, error);
        if (errors.Length > 0)
        {
            Log.ReloadRefused(_log, path, errors.Length);
            return new ReloadReport(errors, [], []);
        }
        _snapshot = next!;
        SayWarnings();
        IReadOnlyList<string> needUpgrade = UpgradeKeys.Between(_settled, result.Snapshot!);
        foreach (string key in needUpgrade)
            Log.NeedsUpgrade(_log, key);
        bans.Apply(next!);
        IReadOnlyList<string> closed = await operators.ApplyAsync(next!.Admin);
        Log.Reloaded(_log, path);
        return new ReloadReport([], [.. next.Warnings, .. closed.Select(WithPath)], needUpgrade);
    }

    // The values of these keys were taken when the process started.
    private Snapshot KeepWhatIsSettled(Snapshot next) => next with
    {
        Gateway = next.Gateway with { Workers = _settled.Gateway.Workers, StateDirectory = _settled.Gateway.StateDirectory },
        Admin = next.Admin with { Socket = _settled.Admin.Socket },
    };

    private string WithPath(string error) => $"{path}: {error}";

    // What can be refused comes first, and what was changed before a refusal is changed back.
    private async Task<IReadOnlyList<string>> ApplyAsync(Snapshot snapshot)
    {
        if (accessLog.Apply(snapshot.Gateway) is { } accessLogError)
            return [$"[gateway] access-log: {accessLogError}"];
        try
        {
            if (IsOtherLog(snapshot.Gateway))
                programLog.Apply(snapshot.Gateway);
        }
        catch (Exception failure) when (FileTrouble.IsExpected(failure))
        {
            accessLog.Apply(_snapshot.Gateway);
            return [$"[gateway] log: {FileTrouble.Describe(failure, snapshot.Gateway.Log)}"];
        }
        BackendPools pools = servers.Build(snapshot);
        await servers.ResolveNewAsync();
        IReadOnlyList<string> errors = await gateway.ApplyAsync(snapshot, pools, whenCertain: () => rooms.Apply(new HttpPlan(snapshot, pools)));
        if (errors.Count == 0)
        {
            _pools = pools;
            health.Apply(pools, snapshot);
        }
        else if (snapshot != _snapshot)
            RestoreLogs(snapshot);
        servers.Keep(_pools);
        return errors;
    }

    private bool IsOtherLog(GatewayOptions options) => (options.Log, options.LogLevel) != (_snapshot.Gateway.Log, _snapshot.Gateway.LogLevel);

    // The old targets may have become unusable since they were opened: then the new ones go on, and the gateway too.
    private void RestoreLogs(Snapshot refused)
    {
        if (accessLog.Apply(_snapshot.Gateway) is { } error)
            Log.ReopenFailed(_log, error);
        try
        {
            if (IsOtherLog(refused.Gateway))
                programLog.Apply(_snapshot.Gateway);
        }
        catch (Exception failure) when (FileTrouble.IsExpected(failure))
        {
            Log.ReopenFailed(_log, FileTrouble.Describe(failure, _snapshot.Gateway.Log));
        }
    }

    private void SayWarnings()
    {
        foreach (string warning in _snapshot.Warnings)
            Log.ConfigWarning(_log, warning);
    }
}
