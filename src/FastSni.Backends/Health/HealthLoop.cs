using Microsoft.Extensions.Logging;

namespace FastSni.Backends;

/// <summary>Checks one target again and again until it is stopped, and calls its server down or up.</summary>
internal sealed class HealthLoop : IAsyncDisposable
{
    /// <summary>First checks are spread over this, so that a start or a reload makes no burst.</summary>
    internal static readonly TimeSpan SpreadMax = TimeSpan.FromSeconds(1);

    /// <summary>An interval is stretched or shortened by up to this part, so that checks don't come in step.</summary>
    internal const double Jitter = 0.1;

    private readonly HealthTarget _target;
    private readonly Func<CancellationToken, Task<string?>> _probe;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly HealthVerdict _verdict = new();
    private readonly Lock _lock = new();    // Around the verdict and its effect: a check that ends late must not mark a server it was taken off.
    private readonly Task _running;
    private bool _isLetGo;

    /// <param name="probe">One check: null = well, else what was wrong, fit for the log.</param>
    internal HealthLoop(HealthTarget target, Func<CancellationToken, Task<string?>> probe, ILogger log, TimeProvider time)
    {
        (_target, _probe, _log, _time) = (target, probe, log, time);
        CancellationToken stop = _stop.Token;
        _running = Task.Run(() => RunAsync(stop), CancellationToken.None);
    }

    /// <summary>From here on the check has no say.</summary>
    /// <returns>True if it called the server down until now.</returns>
    internal bool LetGo()
    {
        lock (_lock)
        {
            bool calledDown = !_isLetGo && _verdict.IsDown;
            _isLetGo = true;
            if (calledDown)
                _target.Server.CallUp();
            return calledDown;
        }
    }

    /// <summary>Ends when a check under way has closed its socket.</summary>
    public async ValueTask DisposeAsync()
    {
        LetGo();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        TimeSpan interval = _target.Check.Interval;
        try
        {
            int spreadMillis = (int)(interval < SpreadMax ? interval : SpreadMax).TotalMilliseconds;
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1, spreadMillis + 1)), _time, stop).ConfigureAwait(false);
            while (true)
            {
                long began = _time.GetTimestamp();
                Record(await _probe(stop).ConfigureAwait(false));
                TimeSpan rest = interval * (1 + Jitter * (2 * Random.Shared.NextDouble() - 1)) - _time.GetElapsedTime(began);
                await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, _time, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The check is configured no more, or the gateway is stopping.
        }
    }

    private void Record(string? reason)
    {
        lock (_lock)
        {
            if (_isLetGo || !_verdict.Record(isWell: reason is null))
                return;
            // Of several checks the first to call the server down and the last to call it up are news.
            if (reason is not null && _target.Server.CallDown())
                Log.CheckedDown(_log, _target.Server.Config.Text, HealthVerdict.FailuresToGoDown, _target.Kind, reason);
            else if (reason is null && _target.Server.CallUp())
                Log.CheckedUp(_log, _target.Server.Config.Text, HealthVerdict.SuccessesToGoUp, _target.Kind);
        }
    }
}
