using FastSni.Handoff;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.Tests.Handoff;

public class LeaseTests
{
    [Fact]
    public void A_connection_that_ends_by_itself_gives_no_reason()
    {
        KeptLease lease = new();
        lease.Return();
        lease.Return();
        Assert.Equal([CloseReason.None], lease.Ends);
        Assert.False(lease.RequestClose(CloseReason.Banned));
        Assert.False(lease.IsCloseRequested);
    }

    [Fact]
    public void The_first_request_counts_cuts_the_connection_and_is_told_at_its_end()
    {
        KeptLease lease = new();
        int cuts = 0;
        lease.WhenCloseRequested(() => cuts++);
        Assert.Equal((0, false), (cuts, lease.IsCloseRequested));
        Assert.True(lease.RequestClose(CloseReason.ClosedByOperator));
        Assert.False(lease.RequestClose(CloseReason.Banned));
        Assert.Equal((1, true), (cuts, lease.IsCloseRequested));
        Assert.Empty(lease.Ends);
        lease.Return();
        Assert.Equal([CloseReason.ClosedByOperator], lease.Ends);
    }

    [Fact]
    public void Who_comes_after_the_request_is_cut_at_once()
    {
        KeptLease lease = new();
        lease.RequestClose(CloseReason.Banned);
        bool isCut = false;
        lease.WhenCloseRequested(() => isCut = true);
        Assert.True(isCut);
    }

    [Fact]
    public void However_request_and_subscription_meet_the_connection_is_cut()
    {
        for (int i = 0; i < 2_000; i++)
        {
            KeptLease lease = new();
            bool isCut = false;
            Parallel.Invoke(() => lease.RequestClose(CloseReason.Banned), () => lease.WhenCloseRequested(() => Volatile.Write(ref isCut, true)));
            Assert.True(Volatile.Read(ref isCut));
        }
    }

    private sealed class KeptLease : Lease
    {
        internal List<CloseReason> Ends { get; } = [];

        protected override void GiveBack(CloseReason requested) => Ends.Add(requested);
    }
}
