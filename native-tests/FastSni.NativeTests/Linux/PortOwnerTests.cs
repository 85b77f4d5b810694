using System.Net;
using System.Net.Sockets;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.Linux;

public class PortOwnerTests
{
    private static readonly string OwnName = $"{File.ReadAllText("/proc/self/comm").Trim().Replace(' ', '?')} (pid {Environment.ProcessId})";

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("0.0.0.0", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "0.0.0.0", true)]
    [InlineData("127.0.0.3", "127.0.0.1", false)]
    [InlineData("::1", "::1", true)]
    [InlineData("::", "::1", true)]
    [InlineData("::1", "0.0.0.0", false)]
    [InlineData("127.0.0.1", "::", false)]
    public void Whoever_listens_where_we_want_to_is_named(string listens, string wanted, bool isInTheWay)
    {
        using ListenSocket listener = ListenSocket.Open(IpEndpoint.Create(IPAddress.Parse(listens), 0), shared: false, out _);
        Assert.Equal(isInTheWay ? OwnName : null, PortOwner.TryFind(IpEndpoint.Create(IPAddress.Parse(wanted), listener.Local.Port)));
    }

    [Fact]
    public void Who_does_not_listen_is_not_named()
    {
        using Socket bound = Loopback.BindWithoutListening(out int port);
        Assert.Null(PortOwner.TryFind(IpEndpoint.Create(IPAddress.Loopback, port)));
    }
}
