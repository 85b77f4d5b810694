using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using FastSni.Backends;
using FastSni.Config;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Backends;

public sealed class HttpsCheckTests : IDisposable
{
    private readonly Backend _backend = Backend.Start();
    private readonly TlsPeer _peer = new("app.internal");

    [Theory]
    [InlineData("app.internal")]
    [InlineData(null)]      // The certificate names the address too.
    public async Task A_certificate_that_the_CA_file_trusts_is_well(string? serverName)
    {
        Task<string?> check = Run(new BackendVerification(true, _peer.CaFile), serverName);
        string request = await ServeAsync();
        Assert.Null(await check);
        Assert.Equal(serverName ?? "", _peer.ServerName);
        Assert.Contains($"\r\nHost: 127.0.0.1:{_backend.Port}\r\n", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_verification_any_certificate_is_well()
    {
        Task<string?> check = Run(BackendVerification.Off, "other.internal");
        await ServeAsync();
        Assert.Null(await check);
        Assert.Equal("other.internal", _peer.ServerName);
    }

    [Theory]
    [InlineData(true, "other.internal")]    // Trusted, of another name.
    [InlineData(false, "app.internal")]     // Unknown to the system.
    public async Task A_certificate_that_requests_would_refuse_is_not_well(bool isTrusted, string serverName)
    {
        Task<string?> check = Run(new BackendVerification(true, isTrusted ? _peer.CaFile : null), serverName);
        await Assert.ThrowsAnyAsync<Exception>(ServeAsync);
        Assert.StartsWith("TLS: ", await check, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_CA_file_that_is_gone_is_a_failed_check()
    {
        Task<string?> check = Run(new BackendVerification(true, _peer.CaFile + ".gone"), "app.internal");
        await Assert.ThrowsAnyAsync<IOException>(ServeAsync);
        Assert.Contains(".gone", await check, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_check_may_do_with_a_certificate_is_bounded()
    {
        var options = HealthTls.OptionsFor(Checks.Target(1, HealthCheckKind.Tls));
        Assert.True(options.CertificateChainPolicy!.DisableCertificateDownloads);
        Assert.False(options.AllowTlsResume);
        Assert.Equal(SslProtocols.None, options.EnabledSslProtocols);   // The system's choice.
    }

    public void Dispose()
    {
        _backend.Dispose();
        _peer.Dispose();
    }

    private Task<string?> Run(BackendVerification verification, string? serverName) => (Checks.Target(_backend.Port, HealthCheckKind.Http) with
    {
        Scheme = HttpScheme.Https,
        Verification = verification,
        ServerName = serverName,
    }).RunAsync();

    private async Task<string> ServeAsync()
    {
        using Socket server = await _backend.AcceptAsync();
        await using SslStream tls = await _peer.AuthenticateAsync(server);
        var buffer = new byte[4096];
        int bytes = await tls.ReadAtLeastAsync(buffer, 1);
        await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        await tls.ShutdownAsync();
        return Encoding.ASCII.GetString(buffer, 0, bytes);
    }
}
