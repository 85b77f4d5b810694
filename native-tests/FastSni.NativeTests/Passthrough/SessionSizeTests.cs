using FastSni.Bans;
using FastSni.NativeTests.Support;
using FastSni.Passthrough;
using FastSni.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FastSni.NativeTests.Passthrough;

/// <summary>Sessions are many: what one costs can't grow unnoticed.</summary>
public class SessionSizeTests
{
    private const int Sessions = 64 * 256;

    /// <summary>The session with all it keeps, its entry in the timer wheel and its place in the table.</summary>
    private const int BytesMax = 296;

    [Fact]
    public void A_slot_takes_less_than_three_hundred_bytes()
    {
        GatewayState state = new(workers: 1, pipesMax: 1, new HandoffQueue(), new BanTable());
        using Worker worker = new(0, state, new RecordRing<SessionRecord>(16, static () => { }), NullLogger.Instance);
        worker.Sessions.Take();     // With the first chunk.
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Sessions; i++)
            worker.Sessions.Take();
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / (double)Sessions, 200, BytesMax);
    }
}
