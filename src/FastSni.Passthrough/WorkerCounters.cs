using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>A worker's own counts. Only its thread writes them; anybody may read.</summary>
internal sealed class WorkerCounters
{
    private readonly long[] _ended = new long[CloseReasonNames.Count];
    private long _accepted;

    internal long Accepted => Volatile.Read(ref _accepted);

    internal long Ended(CloseReason reason) => Volatile.Read(ref _ended[(int)reason]);

    internal void CountAccepted() => Volatile.Write(ref _accepted, _accepted + 1);

    internal void CountEnd(CloseReason reason) => Volatile.Write(ref _ended[(int)reason], _ended[(int)reason] + 1);
}
