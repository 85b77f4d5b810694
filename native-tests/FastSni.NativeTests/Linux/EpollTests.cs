using FastSni.Linux;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Linux;

public class EpollTests
{
    private const ulong Token = 0xFEDC_BA98_7654_3210;

    [Fact]
    public void An_edge_is_reported_once_and_the_next_byte_is_another()
    {
        using SocketPair pair = SocketPair.Open();
        using var epoll = Epoll.Create();
        Assert.True(epoll.TryAdd(pair.Near, EpollEvents.In | EpollEvents.EdgeTriggered, Token));
        pair.Far.SendAll("x"u8);
        Assert.Equal((EpollEvents.In, Token), Next(epoll));
        Assert.Null(Next(epoll, milliseconds: 0));
        pair.Far.SendAll("y"u8);
        Assert.Equal((EpollEvents.In, Token), Next(epoll));
    }

    [Fact]
    public void What_is_ready_before_it_is_registered_is_reported_too()
    {
        using SocketPair pair = SocketPair.Open();
        using var epoll = Epoll.Create();
        pair.Far.SendAll("x"u8);
        Loopback.WaitFor(pair.Near, EpollEvents.In);
        Assert.True(epoll.TryAdd(pair.Near, EpollEvents.In | EpollEvents.Out | EpollEvents.EdgeTriggered, Token));
        Assert.Equal((EpollEvents.In | EpollEvents.Out, Token), Next(epoll));
    }

    [Fact]
    public void A_level_is_reported_until_it_is_taken_or_no_longer_asked_for()
    {
        using SocketPair pair = SocketPair.Open();
        using var epoll = Epoll.Create();
        Assert.True(epoll.TryAdd(pair.Near, EpollEvents.In, Token));
        pair.Far.SendAll("x"u8);
        Assert.Equal((EpollEvents.In, Token), Next(epoll));
        Assert.Equal((EpollEvents.In, Token), Next(epoll));
        Assert.True(epoll.TryModify(pair.Near, EpollEvents.None, Token));
        Assert.Null(Next(epoll, milliseconds: 0));
        Assert.True(epoll.TryModify(pair.Near, EpollEvents.In, 7));
        Assert.Equal((EpollEvents.In, 7UL), Next(epoll));
        epoll.Remove(pair.Near);
        Assert.Null(Next(epoll, milliseconds: 0));
    }

    [Fact]
    public void A_descriptor_cannot_be_added_twice_and_a_stranger_not_modified()
    {
        using SocketPair pair = SocketPair.Open();
        using var epoll = Epoll.Create();
        Assert.False(epoll.TryModify(pair.Near, EpollEvents.In, 1));
        Assert.True(epoll.TryAdd(pair.Near, EpollEvents.In, 1));
        Assert.False(epoll.TryAdd(pair.Near, EpollEvents.In, 2));
    }

    [Fact]
    public void A_closed_descriptor_is_forgotten()
    {
        using SocketPair pair = SocketPair.Open();
        using var epoll = Epoll.Create();
        Assert.True(epoll.TryAdd(pair.Near, EpollEvents.In, 1));
        pair.Far.SendAll("x"u8);
        Loopback.WaitFor(pair.Near, EpollEvents.In);
        pair.Near.Close();
        pair.ForgetNear();
        Assert.Null(Next(epoll, milliseconds: 0));
    }

    [Fact]
    public void Several_signals_before_a_look_are_one_wake_up_and_one_after_it_another()
    {
        using var wakeUp = WakeUp.Create();
        using var epoll = Epoll.Create();
        Assert.True(epoll.TryAdd(wakeUp.Fd, EpollEvents.In | EpollEvents.EdgeTriggered, Token));
        wakeUp.Signal();
        wakeUp.Signal();
        Assert.Equal((EpollEvents.In, Token), Next(epoll));
        wakeUp.Clear();
        Assert.Null(Next(epoll, milliseconds: 0));
        wakeUp.Signal();
        Assert.Equal((EpollEvents.In, Token), Next(epoll));
        wakeUp.Clear();
        wakeUp.Clear();     // Nothing to clear is no reason to block.
    }

    [Fact]
    public async Task Another_thread_ends_a_wait_without_end()
    {
        using var wakeUp = WakeUp.Create();
        using var epoll = Epoll.Create();
        Assert.True(epoll.TryAdd(wakeUp.Fd, EpollEvents.In | EpollEvents.EdgeTriggered, Token));
        Task<(EpollEvents, ulong)?> waiting = Peer.Start(() => Next(epoll, milliseconds: -1));
        wakeUp.Signal();
        Assert.Equal((EpollEvents.In, Token), await waiting.WaitAsync(Loopback.Patience));
    }

    private static (EpollEvents Events, ulong Token)? Next(Epoll epoll, int milliseconds = Loopback.PatienceMilliseconds)
    {
        Span<EpollEvent> events = stackalloc EpollEvent[4];
        int count = epoll.Wait(events, milliseconds);
        Assert.InRange(count, 0, 1);
        return count == 0 ? null : (events[0].Events, events[0].Token);
    }
}
