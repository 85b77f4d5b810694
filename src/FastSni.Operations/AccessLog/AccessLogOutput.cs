using System.Buffers;
using FastSni.Config;
using FastSni.Telemetry;

namespace FastSni.Operations;

/// <summary>The log thread's end: formats records into a batch and writes the batch to the target of the day.</summary>
internal sealed class AccessLogOutput : IDisposable
{
    private const int BatchBytes = 64 * 1024;
    // One line beyond the limit fits without growing, be it a request of the longest and oddest texts.
    private const int LineBytesMax = 24 * 1024;
    private static readonly TimeSpan MoveCheckInterval = TimeSpan.FromSeconds(1);

    private readonly LogTally _tally;
    private readonly AccessLogFormatter _formatter;
    private readonly Throttle _moveChecks;
    private readonly ArrayBufferWriter<byte> _batch = new(BatchBytes + LineBytesMax);
    private LogTarget _target;
    private AccessLogFormat _format;
    private bool _failed;

    public AccessLogOutput(LogTarget target, LogTally tally, TimeProvider time) =>
        (_target, _tally, _formatter, _moveChecks) = (target, tally, new AccessLogFormatter(time), new Throttle(time, MoveCheckInterval));

    /// <param name="next">null to keep the target.</param>
    public void Change(LogTarget? next, AccessLogFormat format)
    {
        _format = format;
        if (next is null)
            return;
        _tally.Count(_target.Name, _target.Close());
        _target = next;
    }

    public void ReopenIfMoved()
    {
        _tally.Count(_target.Name, _target.ReopenIfMoved(out string? error));
        if (error is not null)
            _tally.ReportReopenFailure(error);
    }

    public void Add(in SessionRecord record)
    {
        if (!TryBeginLine())
            return;
        _formatter.Write(record, _format, _batch);
        EndLine();
    }

    public void Add(in RequestRecord record)
    {
        if (!TryBeginLine())
            return;
        _formatter.Write(record, _format, _batch);
        EndLine();
    }

    /// <summary>Writes the lines gathered; after it, a target that has failed is tried again.</summary>
    public void Flush()
    {
        WriteBatch();
        _failed = false;
    }

    public void Dispose() => _tally.Count(_target.Name, _target.Close());

    /// <summary>False: the record is discarded, or dropped and counted.</summary>
    private bool TryBeginLine()
    {
        if (_target.Stream is null)
            return false;
        if (_failed)
            _tally.Count(_target.Name, new LineCounts(Written: 0, Dropped: 1, Error: null));
        else
            _batch.Write(_target.LinePrefix);
        return !_failed;
    }

    private void EndLine()
    {
        if (_batch.WrittenCount >= BatchBytes)
            WriteBatch();
    }

    private void WriteBatch()
    {
        if (_batch.WrittenCount == 0 || _target.Stream is null)
            return;
        // Emptied before it is written (its bytes stay in place): whatever is thrown from here on, the batch doesn't grow.
        ReadOnlySpan<byte> lines = _batch.WrittenSpan;
        _batch.ResetWrittenCount();
        if (_moveChecks.TryPass())
            ReopenIfMoved();
        LineCounts counts = _target.Stream.Write(lines);
        _tally.Count(_target.Name, counts);
        // A full disk fails at once, for every batch anew: once in a flush is enough to find out.
        _failed = counts.Error is not null;
    }
}
