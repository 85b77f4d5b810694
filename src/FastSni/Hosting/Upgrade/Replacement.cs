using FastSni.Backends;
using FastSni.Bans;
using FastSni.Passthrough;
using Microsoft.Extensions.Logging;

namespace FastSni.Hosting.Upgrade;

/// <summary>An upgrade as the daemon goes through it: everything stands still until the successor serves, or goes on if it does not.</summary>
internal sealed class Replacement(
    Successor successor, Gateway gateway, ServerRegistry servers, ConfigInForce config, BanDesk bans, Operators operators, Requests requests, ILogger log)
{
    /// <summary>Starts the program that is installed now, and answers who asked.</summary>
    /// <returns>null: this process goes on. Else it has to leave, and whether the successor serves in its place.</returns>
    internal async Task<bool?> TryAsync(Requests.Asked asked)
    {
        await config.FreezeAsync();
        bans.Freeze();
        using CancellationTokenSource stop = new();
        Task<string?> start = successor.StartAsync(gateway.ListeningSockets, servers.Drained, operators.StepBackAsync, stop.Token);
        await WatchAsync(start, stop);
        string? error = await start;
        if (error is null)
            bans.Follow();
        else
        {
            bans.Thaw();
            config.Thaw();
        }
        asked.Answered.SetResult(error);
        return error is null ? true : stop.IsCancellationRequested ? false : null;
    }

    /// <summary>Of an upgrade that is asked for at the wrong time.</summary>
    internal void Refuse(Requests.Asked asked)
    {
        Log.UpgradeIgnored(log);
        asked.Answered.TrySetResult("this process is upgrading or draining already");
    }

    private async Task WatchAsync(Task start, CancellationTokenSource stop)
    {
        while (!start.IsCompleted)
        {
            using CancellationTokenSource waiting = new();
            Task<Requests.Asked> next = requests.NextAsync(waiting.Token).AsTask();
            await Task.WhenAny(start, next);
            await waiting.CancelAsync();
            // One that came at the same moment may have been taken already without being here yet: lost, its asker would wait for ever.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!next.IsCompletedSuccessfully)
                continue;
            Requests.Asked asked = await next;
            if (asked.Request == Request.Stop)
                await stop.CancelAsync();
            else if (asked.Request == Request.Reopen)
                config.ReopenLogs();
            else
                Refuse(asked);
        }
    }
}
