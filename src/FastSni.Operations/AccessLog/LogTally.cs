using Microsoft.Extensions.Logging;

namespace FastSni.Operations;

/// <summary>
/// Counts what became of records, and tells the program log what goes wrong: each kind of trouble at once, then at most once a minute.
/// The log thread counts, any thread reads.
/// </summary>
internal sealed class LogTally(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(1);

    private readonly Throttle _failures = new(time, ReportInterval);
    private readonly Throttle _reopenFailures = new(time, ReportInterval);
    private readonly Throttle _overflows = new(time, ReportInterval);
    private readonly Throttle _defects = new(time, ReportInterval);
    private long _written;
    private long _dropped;
    private long _overflowsReported;
    private bool _failureReported;

    public long Written => Interlocked.Read(ref _written);

    /// <summary>By failing writes and defects; full rings count their own.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <param name="target">Where the lines went, for the message.</param>
    public void Count(string target, LineCounts counts)
    {
        Interlocked.Add(ref _written, counts.Written);
        Interlocked.Add(ref _dropped, counts.Dropped);
        if (counts.Error is not null && _failures.TryPass())
        {
            Log.AccessLogFails(logger, target, counts.Error, Dropped);
            _failureReported = true;
        }
        else if (counts is { Error: null, Written: > 0 } && _failureReported)
        {
            Log.AccessLogWritesAgain(logger, target, Dropped);
            _failureReported = false;
        }
    }

    /// <summary>A record was lost to an error of ours.</summary>
    public void CountDefect(Exception defect)
    {
        Interlocked.Increment(ref _dropped);
        if (_defects.TryPass())
            Log.AccessLogDefect(logger, defect);
    }

    /// <param name="error">A sentence that begins with the path.</param>
    public void ReportReopenFailure(string error)
    {
        if (_reopenFailures.TryPass())
            Log.AccessLogNotReopened(logger, error);
    }

    /// <param name="overflows">Records that full rings have dropped since the start.</param>
    public void ReportOverflows(long overflows)
    {
        if (overflows == _overflowsReported || !_overflows.TryPass())
            return;
        Log.AccessLogOverflows(logger, overflows - _overflowsReported, overflows);
        _overflowsReported = overflows;
    }
}
