using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using FastSni.Wire;
using Tmds.Linux;
using Xunit;

namespace FastSni.NativeTests.Linux;

/// <summary>Sockets that come from another process, and those that go to one.</summary>
public class AdoptionTests
{
    [Fact]
    public void A_bare_listening_socket_becomes_like_one_of_ours()
    {
        using Socket bare = Loopback.NewSocket();
        bare.NoDelay = false;
        bare.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        bare.Listen(1);
        using ListenSocket adopted = Assert.IsType<ListenSocket>(ListenSocket.TryAdopt(DuplicateOf(bare)));
        Assert.Equal((IPEndPoint)bare.LocalEndPoint!, new IPEndPoint(adopted.Local.ToIPAddress(), adopted.Local.Port));
        Assert.Equal(LibC.FD_CLOEXEC, LibC.fcntl(adopted.Fd.Number, LibC.F_GETFD));
        Assert.Equal(AcceptStatus.Wait, adopted.Accept(out _, out _));
        using Socket client = Loopback.NewSocket();
        client.Connect(bare.LocalEndPoint!);
        using var view = new Socket(new SafeSocketHandle(Loopback.Accept(adopted, out _).Number, ownsHandle: true));
        Assert.True(view.NoDelay);
        Assert.Equal(ListenSocket.KeepAliveIdleSeconds, view.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));
    }

    [Fact]
    public void What_is_no_listening_TCP_socket_is_left_alone()
    {
        using Socket connecting = Loopback.NewSocket(), udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        connecting.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using Socket local = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        local.Bind(new UnixDomainSocketEndPoint($"\0fastsni-adoption-{Guid.NewGuid():N}"));
        local.Listen();
        using WakeUp noSocket = WakeUp.Create();
        Fd closed = DuplicateOf(udp);
        closed.Close();
        Assert.All(
            [new Fd((int)connecting.Handle), new Fd((int)udp.Handle), new Fd((int)local.Handle), noSocket.Fd, closed, Fd.None],
            descriptor => Assert.Null(ListenSocket.TryAdopt(descriptor)));
        Assert.True(connecting.IsBound);
    }

    [Fact]
    public void A_socket_that_takes_both_families_is_not_one_of_ours()
    {
        using Socket both = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        both.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        both.Listen();
        Assert.Null(ListenSocket.TryAdopt(new Fd((int)both.Handle)));
    }

    [Fact]
    public void A_duplicate_takes_clients_from_the_same_queue_and_outlives_the_first()
    {
        ListenSocket first = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        using ListenSocket second = first.Duplicate();
        using Socket client = Loopback.NewSocket();
        client.Connect(new IPEndPoint(IPAddress.Loopback, first.Local.Port));
        first.Dispose();
        Loopback.Accept(second, out IpEndpoint peer).Close();
        Assert.Equal(((IPEndPoint)client.LocalEndPoint!).Port, peer.Port);
    }

    [Fact]
    public async Task A_child_has_only_what_it_is_to_inherit()
    {
        using ListenSocket listener = ListenSocket.Open(Loopback.AnyPort, shared: false, out _);
        Assert.Equal("", await LinkInChildAsync(listener.Fd));
        Inheritable.Set(listener.Fd, true);
        string seen = await LinkInChildAsync(listener.Fd);
        Inheritable.Set(listener.Fd, false);
        Assert.StartsWith("socket:[", seen, StringComparison.Ordinal);
        Assert.Equal(new FileInfo($"/proc/self/fd/{listener.Fd.Number}").LinkTarget, seen);
        Assert.Equal("", await LinkInChildAsync(listener.Fd));
    }

    [Fact]
    public void The_end_of_one_side_of_a_pair_is_seen_by_the_other()
    {
        (Fd kept, Fd given) = LocalPair.Open();
        Assert.True(LocalPair.TryAdopt(given));
        using var socket = new Socket(new SafeSocketHandle(kept.Number, ownsHandle: true));
        Loopback.Bound(socket);
        Assert.Equal(1, StreamSocket.Send(given, "x"u8).Bytes);
        given.Close();
        Assert.Equal("x"u8.ToArray(), socket.ReadToEnd());
        using Socket other = Loopback.NewSocket();
        Assert.False(LocalPair.TryAdopt(new Fd((int)other.Handle)));
    }

    private static Fd DuplicateOf(Socket socket) => new(LibC.dup((int)socket.Handle));

    private static async Task<string> LinkInChildAsync(Fd descriptor)
    {
        using Process child = Process.Start(new ProcessStartInfo("readlink", [$"/proc/self/fd/{descriptor.Number}"]) { RedirectStandardOutput = true })!;
        string output = await child.StandardOutput.ReadToEndAsync().WaitAsync(Loopback.Patience);
        await child.WaitForExitAsync();
        string link = output.Trim();
        // The number may be one of the child's own.
        return link.StartsWith("socket:", StringComparison.Ordinal) ? link : "";
    }
}
