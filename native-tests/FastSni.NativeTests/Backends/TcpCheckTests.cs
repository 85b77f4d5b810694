using System.Net;
using System.Net.Sockets;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.Backends;

public sealed class TcpCheckTests : IDisposable
{
    private readonly Backend _backend = Backend.Start();

    [Fact]
    public async Task A_server_that_accepts_is_well_and_sees_an_orderly_end()
    {
        Task<string?> check = Checks.Target(_backend.Port, HealthCheckKind.Tcp).RunAsync();
        using (Socket server = await _backend.AcceptAsync())
            Assert.Empty(server.ReadToEnd());
        Assert.Null(await check);
    }

    [Fact]
    public async Task A_banner_is_read_so_that_the_end_is_no_reset()
    {
        Task<string?> check = Checks.Target(_backend.Port, HealthCheckKind.Tcp).RunAsync();
        using (Socket server = await _backend.AcceptAsync())
        {
            server.SendAll("* OK ready\r\n"u8);
            Assert.Empty(server.ReadToEnd());
            server.SendAll("* BYE\r\n"u8);
        }
        Assert.Null(await check);
    }

    [Fact]
    public async Task A_server_that_does_not_hang_up_does_not_hold_the_check()
    {
        Task<string?> check = Checks.Target(_backend.Port, HealthCheckKind.Tcp).RunAsync();
        using Socket server = await _backend.AcceptAsync();
        Assert.Null(await check.WaitAsync(Loopback.Patience));
    }

    [Theory]
    [InlineData(ProxyProtocol.V1)]
    [InlineData(ProxyProtocol.V2)]
    public async Task Where_PROXY_is_expected_a_header_comes_that_speaks_for_ourselves(ProxyProtocol version)
    {
        Task<string?> check = (Checks.Target(_backend.Port, HealthCheckKind.Tcp) with { ProxyProtocol = version }).RunAsync();
        using (Socket server = await _backend.AcceptAsync())
            Assert.Equal(LocalHeader(version), server.ReadToEnd());
        Assert.Null(await check);
    }

    [Fact]
    public async Task A_port_that_refuses_is_not_well()
    {
        using Socket held = Loopback.BindWithoutListening(out int port);
        Assert.Equal("ConnectionRefused", await Checks.Target(port, HealthCheckKind.Tcp).RunAsync());
    }

    [Fact]
    public async Task A_port_that_stays_silent_is_not_well()
    {
        using BlackHole hole = new();
        Assert.Equal("no answer in time", await Checks.Target(hole.Port, HealthCheckKind.Tcp).Hurried().RunAsync());
    }

    [Fact]
    public async Task A_host_is_well_if_one_of_its_addresses_is_and_not_without_an_address()
    {
        var target = Checks.Target(new ServerAddress(ServerKind.HostName, "app.test", "app.test", _backend.Port), HealthCheckKind.Tcp);
        Assert.Equal("no address", await target.RunAsync());
        target.Server.SetAddresses([IpEndpoint.Create(IPAddress.Parse("127.0.0.77"), 0), IpEndpoint.Create(IPAddress.Loopback, 0)]);
        Task<string?> check = target.RunAsync();
        using (Socket server = await _backend.AcceptAsync())
            Assert.Empty(server.ReadToEnd());
        Assert.Null(await check);
        target.Server.SetAddresses([IpEndpoint.Create(IPAddress.Parse("127.0.0.77"), 0), IpEndpoint.Create(IPAddress.Parse("127.0.0.78"), 0)]);
        Assert.Equal("ConnectionRefused", await target.RunAsync());
    }

    [Fact]
    public async Task A_check_comes_from_where_sessions_come_from()
    {
        IPAddress source = IPAddress.Parse("127.0.0.2");
        Task<string?> check = (Checks.Target(_backend.Port, HealthCheckKind.Tcp) with { Source = source }).RunAsync();
        using (Socket server = await _backend.AcceptAsync())
            Assert.Equal(source, ((IPEndPoint)server.RemoteEndPoint!).Address);
        Assert.Null(await check);
    }

    public void Dispose() => _backend.Dispose();

    internal static byte[] LocalHeader(ProxyProtocol version) => version == ProxyProtocol.V1
        ? [.. "PROXY UNKNOWN\r\n"u8]
        : [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x20, 0x00, 0x00, 0x00];
}
