using FastSni.Bans;
using FastSni.Handoff;
using FastSni.Passthrough;
using Xunit;

namespace FastSni.Tests.Passthrough;

public class GatewayStateTests
{
    [Fact]
    public void So_many_sessions_fit_and_one_that_leaves_makes_room()
    {
        GatewayState state = new(workers: 2, pipesMax: 8, new NoRooms(), new BanTable());
        Assert.Equal([true, true, false, false], Enumerable.Range(0, 4).Select(_ => state.TryEnter(2)));
        Assert.Equal(2, state.Sessions);
        state.Leave();
        Assert.True(state.TryEnter(2));
        Assert.Equal((2, 0), (state.Sessions, state.PendingHellos));
    }

    [Fact]
    public void Unfinished_hellos_are_counted_by_themselves()
    {
        GatewayState state = new(workers: 2, pipesMax: 8, new NoRooms(), new BanTable());
        Assert.Equal([true, false], Enumerable.Range(0, 2).Select(_ => state.TryEnterPending(1)));
        Assert.Equal((0, 1), (state.Sessions, state.PendingHellos));
        state.LeavePending();
        Assert.True(state.TryEnterPending(1));
    }

    [Fact]
    public void The_limit_is_never_passed_however_many_workers_enter_at_once()
    {
        GatewayState state = new(workers: 2, pipesMax: 8, new NoRooms(), new BanTable());
        int inside = 0, most = 0;
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                if (!state.TryEnter(3))
                    continue;
                int now = Interlocked.Increment(ref inside);
                if (now > Volatile.Read(ref most))
                    Volatile.Write(ref most, now);
                Interlocked.Decrement(ref inside);
                state.Leave();
            }
        });
        Assert.InRange(most, 1, 3);
        Assert.Equal(0, state.Sessions);
    }

    private sealed class NoRooms : IHandoffRooms
    {
        public bool IsClosed => true;

        public bool TryTake(HandedOffClient client) => false;
    }
}
