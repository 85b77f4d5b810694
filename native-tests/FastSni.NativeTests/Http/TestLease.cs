using FastSni.Handoff;
using FastSni.Telemetry;

namespace FastSni.NativeTests.Http;

/// <summary>Tells whether a connection has ended.</summary>
internal sealed class TestLease : Lease
{
    private int _returns;

    internal bool IsReturned => Volatile.Read(ref _returns) > 0;

    /// <summary>Why its end was asked for, once it is returned.</summary>
    internal CloseReason Requested { get; private set; }

    protected override void GiveBack(CloseReason requested)
    {
        Requested = requested;
        Interlocked.Increment(ref _returns);
    }
}
