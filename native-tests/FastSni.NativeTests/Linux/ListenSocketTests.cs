using System.Net;
using System.Net.Sockets;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.Linux;

public class ListenSocketTests
{
    [Fact]
    public void Port_0_becomes_a_real_port()
    {
        using ListenSocket listener = ListenSocket.Open(Loopback.AnyPort, shared: false, out bool isFree);
        Assert.NotEqual(0, listener.Local.Port);
        Assert.Equal(Loopback.AnyPort.WithPort(listener.Local.Port), listener.Local);
        Assert.False(isFree);
    }

    [Fact]
    public void Shared_sockets_on_one_address_both_get_clients()
    {
        using ListenSocket one = ListenSocket.Open(Loopback.AnyPort, shared: true, out _);
        using ListenSocket two = ListenSocket.Open(one.Local, shared: true, out _);
        List<Socket> clients = [.. Enumerable.Range(0, 64).Select(_ => Connect(one.Local))];
        (int ofOne, int ofTwo) = (AcceptAll(one), AcceptAll(two));
        Assert.Equal(64, ofOne + ofTwo);
        Assert.InRange(ofOne, 1, 63);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public void An_address_that_is_not_shared_is_taken()
    {
        using ListenSocket one = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        Assert.Equal(Errno.AddressInUse, Assert.Throws<LinuxException>(() => ListenSocket.Open(one.Local, shared: true, out _)).Error);
    }

    [Fact]
    public void Whether_somebody_listens_is_found_out_even_if_he_would_share()
    {
        ListenSocket other = ListenSocket.Open(Loopback.AnyPort, shared: true, out _);
        LinuxException taken = Assert.Throws<LinuxException>(() => ListenSocket.ThrowIfTaken(other.Local));
        Assert.Equal((Errno.AddressInUse, "bind"), (taken.Error, taken.Call));
        other.Dispose();
        ListenSocket.ThrowIfTaken(other.Local);
    }

    [Fact]
    public void IPv6_and_IPv4_wildcards_share_a_port_and_each_gets_its_own_clients()
    {
        using ListenSocket v6 = ListenSocket.Open(IpEndpoint.Create(IPAddress.IPv6Any, 0), shared: true, out _);
        using ListenSocket v4 = ListenSocket.Open(IpEndpoint.Create(IPAddress.Any, v6.Local.Port), shared: true, out _);
        using Socket first = Connect(IpEndpoint.Create(IPAddress.Loopback, v6.Local.Port));
        using Socket second = Connect(IpEndpoint.Create(IPAddress.IPv6Loopback, v6.Local.Port));
        Loopback.Accept(v4, out IpEndpoint ofV4).Close();
        Loopback.Accept(v6, out IpEndpoint ofV6).Close();
        Assert.Equal((true, true), (ofV4.IsV4, ofV6.IsV6));
        Assert.Equal(AcceptStatus.Wait, v6.Accept(out _, out _));
    }

    [Theory]
    [InlineData("203.0.113.77")]
    [InlineData("2001:db8::77")]
    public void An_address_that_is_not_ours_yet_is_bound_all_the_same(string address)
    {
        using ListenSocket listener = ListenSocket.Open(IpEndpoint.Create(IPAddress.Parse(address), 0), shared: true, out bool isFree);
        Assert.True(isFree);
        Assert.Equal(address, listener.Local.ToIPAddress().ToString());
    }

    [Fact]
    public void An_accepted_client_is_known_by_its_address_and_does_not_block()
    {
        using ListenSocket listener = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        Assert.Equal(AcceptStatus.Wait, listener.Accept(out Fd none, out IpEndpoint nobody));
        Assert.Equal((false, true), (none.IsOpen, nobody.IsNone));
        using Socket client = Connect(listener.Local);
        Fd accepted = Loopback.Accept(listener, out IpEndpoint peer);
        Assert.Equal(IpEndpoint.Create(IPAddress.Loopback, ((IPEndPoint)client.LocalEndPoint!).Port), peer);
        Assert.True(StreamSocket.Receive(accepted, new byte[1]).WouldBlock);
        accepted.Close();
    }

    [Fact]
    public void Accepted_sockets_inherit_no_delay_and_keepalive()
    {
        using ListenSocket listener = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        using Socket client = Connect(listener.Local);
        Fd accepted = Loopback.Accept(listener, out _);
        using var view = new Socket(new SafeSocketHandle(accepted.Number, ownsHandle: true));
        Assert.True(view.NoDelay);
        Assert.Equal(1, view.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Assert.Equal(ListenSocket.KeepAliveIdleSeconds, view.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
        Assert.Equal(ListenSocket.KeepAliveIntervalSeconds, view.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval));
        Assert.Equal(ListenSocket.KeepAliveProbes, view.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount));
    }

    [SkippableFact]
    public void Accepted_sockets_inherit_the_longest_wait_between_retransmissions()
    {
        const int RetransmitTimeoutMax = 44;    // TCP_RTO_MAX_MS
        Skip.If(Environment.OSVersion.Version < new Version(6, 15), "TCP_RTO_MAX_MS came with Linux 6.15");
        using ListenSocket listener = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        using Socket client = Connect(listener.Local);
        Fd accepted = Loopback.Accept(listener, out _);
        Assert.Equal(ListenSocket.RetransmitMillisecondsMax, Sys.TryGetOption(accepted, (int)SocketOptionLevel.Tcp, RetransmitTimeoutMax));
        accepted.Close();
    }

    [Fact]
    public void A_deferred_client_is_shown_with_its_first_byte()
    {
        using ListenSocket listener = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        listener.DeferAccept(3);
        using Socket client = Connect(listener.Local);
        Assert.Equal(AcceptStatus.Wait, listener.Accept(out _, out _));
        client.SendAll("x"u8);
        Fd accepted = Loopback.Accept(listener, out _);
        Assert.Equal(1, StreamSocket.Peek(accepted, new byte[10]).Bytes);
        accepted.Close();
    }

    [Fact]
    public void A_client_that_is_not_deferred_is_shown_at_once()
    {
        using ListenSocket listener = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        listener.DeferAccept(1);
        listener.DeferAccept(0);
        using Socket client = Connect(listener.Local);
        Loopback.Accept(listener, out _).Close();
    }

    private static Socket Connect(IpEndpoint endpoint)
    {
        Socket client = Loopback.NewSocket(endpoint.IsV4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6);
        client.Connect(new IPEndPoint(endpoint.ToIPAddress(), endpoint.Port));
        return client;
    }

    private static int AcceptAll(ListenSocket listener)
    {
        int count = 0;
        while (listener.Accept(out Fd client, out _) == AcceptStatus.Accepted)
        {
            client.Close();
            count++;
        }
        return count;
    }
}
