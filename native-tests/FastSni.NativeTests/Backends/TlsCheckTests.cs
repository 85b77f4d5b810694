using System.Net.Security;
using System.Net.Sockets;
using FastSni.Config;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Backends;

public sealed class TlsCheckTests : IDisposable
{
    private readonly Backend _backend = Backend.Start();
    private readonly TlsPeer _peer = new("cert.test");

    [Theory]
    [InlineData("app.test", "app.test")]
    [InlineData(null, "")]      // The server is written as an address.
    public async Task A_handshake_is_well_whatever_the_certificate_and_ends_in_order(string? name, string serverName)
    {
        Task<string?> check = Checks.Target(_backend.Port, HealthCheckKind.Tls, name).RunAsync();
        await ServeAsync();
        Assert.Null(await check);
        Assert.Equal(serverName, _peer.ServerName);
    }

    [Theory]
    [InlineData(ProxyProtocol.V1)]
    [InlineData(ProxyProtocol.V2)]
    public async Task The_PROXY_header_comes_first_and_in_one_piece(ProxyProtocol version)
    {
        byte[] header = TcpCheckTests.LocalHeader(version);
        Task<string?> check = (Checks.Target(_backend.Port, HealthCheckKind.Tls, "app.test") with { ProxyProtocol = version }).RunAsync();
        using (Socket server = await _backend.AcceptAsync())
        {
            var first = new byte[header.Length];
            Assert.Equal(header.Length, server.Receive(first));     // One call, as HAProxy and nginx do it.
            Assert.Equal(header, first);
            await TalkAsync(server);
        }
        Assert.Null(await check);
        Assert.Equal("app.test", _peer.ServerName);
    }

    [Fact]
    public async Task Bytes_that_are_no_TLS_are_not_well()
    {
        Task<string?> check = Checks.Target(_backend.Port, HealthCheckKind.Tls).RunAsync();
        using (Socket server = await _backend.AcceptAsync())
            server.SendAll("HTTP/1.1 400 Bad Request\r\n\r\n"u8);
        string? reason = await check;
        Assert.NotNull(reason);
        Assert.DoesNotContain("400", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_end_amid_the_handshake_is_not_well()
    {
        Task<string?> check = Checks.Target(_backend.Port, HealthCheckKind.Tls).RunAsync();
        using (Socket server = await _backend.AcceptAsync())
            server.Receive(new byte[16 * 1024]);
        Assert.NotNull(await check);
    }

    [Fact]
    public async Task A_server_that_accepts_and_stays_silent_is_not_well()
    {
        Task<string?> check = Checks.Target(_backend.Port, HealthCheckKind.Tls).Hurried().RunAsync();
        using Socket server = await _backend.AcceptAsync();
        Assert.Equal("no answer in time", await check);
    }

    public void Dispose()
    {
        _backend.Dispose();
        _peer.Dispose();
    }

    private async Task ServeAsync()
    {
        using Socket server = await _backend.AcceptAsync();
        await TalkAsync(server);
    }

    private async Task TalkAsync(Socket server)
    {
        await using SslStream tls = await _peer.AuthenticateAsync(server);
        Assert.Equal(0, await tls.ReadAsync(new byte[1]));  // close_notify
        Assert.Empty(server.ReadToEnd());
    }
}
