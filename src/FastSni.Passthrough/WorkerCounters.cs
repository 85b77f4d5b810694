using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>A worker's own counts. Only its thread writes them; anybody may read.</summary>
internal sealed class WorkerCounters
{
    private readonly long[] _ended = new long[CloseReasonNames.Count];
    private readonly SecondCounter _acceptedBySecond = new();
    private long _accepted;

    internal long Accepted => Volatile.Read(ref _accepted);

    internal long AcceptedInLastSecond(Instant now) => _acceptedBySecond.LastSecond(now);

    internal long Ended(CloseReason reason) => Volatile.Read(ref _ended[(int)reason]);

    internal void CountAccepted(Instant now)
    {
        Volatile.Write(ref _accepted, _accepted + 1);
        _acceptedBySecond.Count(now);
    }

    internal void CountEnd(CloseReason reason) => Volatile.Write(ref _ended[(int)reason], _ended[(int)reason] + 1);
}
