using FastSni.Handoff;

namespace FastSni.NativeTests.Http;

/// <summary>Tells whether a connection has ended.</summary>
internal sealed class TestLease : Lease
{
    private int _returns;

    internal bool IsReturned => Volatile.Read(ref _returns) > 0;

    protected override void GiveBack() => Interlocked.Increment(ref _returns);
}
