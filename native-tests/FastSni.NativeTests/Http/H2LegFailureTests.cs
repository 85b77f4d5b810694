using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using FastSni.Config;
using FastSni.NativeTests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xunit;

namespace FastSni.NativeTests.Http;

public class H2LegFailureTests
{
    private static readonly Uri Root = new("/", UriKind.Relative);

    [Fact]
    public async Task A_server_that_refuses_is_marked_and_the_next_one_gets_the_whole_request()
    {
        using Socket nobody = Loopback.BindWithoutListening(out int port);
        await using H2Backend backend = await H2Backend.StartAsync(context => context.Request.Body.CopyToAsync(context.Response.Body));
        await using H2Front front = await H2Front.ToAsync(Setup.Server(port), backend.Address);
        for (int i = 0; i < 4; i++)
        {
            using HttpResponseMessage response = await front.Client.PostAsync(Root, new StringContent("once"));
            Assert.Equal("once", await response.Content.ReadAsStringAsync());
        }
        Assert.Equal((false, true), (front.Route.Pool.Servers[0].IsUp, front.Route.Pool.Servers[1].IsUp));
        Assert.Single(front.Log.Lines, line => line.Contains("is down: ConnectionRefused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_server_the_status_says_why()
    {
        using Socket nobody = Loopback.BindWithoutListening(out int refusing);
        using var silent = new BlackHole();
        var hasty = new GatewayOptions { ConnectTimeout = TimeSpan.FromMilliseconds(200) };
        foreach ((ServerAddress server, HttpStatusCode expected) in new[]
        {
            (Setup.Server(refusing), HttpStatusCode.BadGateway),
            (Setup.Server(silent.Port), HttpStatusCode.GatewayTimeout),
            (new ServerAddress(ServerKind.HostName, "app.invalid:80", "app.invalid", 80), HttpStatusCode.ServiceUnavailable),
        })
        {
            await using H2Front front = await H2Front.ToAsync(new HttpBackendOptions { Scheme = HttpScheme.H2c, Servers = [server] }, hasty);
            HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => front.Client.PostAsync(Root, new StringContent("x"))));
            Assert.All(responses, response => Assert.Equal(expected, response.StatusCode));
            Assert.All(responses, response => Assert.Equal(["DENY"], response.Headers.GetValues("X-Frame-Options")));
        }
    }

    [Fact]
    public async Task A_backend_that_does_not_answer_in_time_is_504()
    {
        await using H2Backend backend = await H2Backend.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using H2Front front = await H2Front.ToAsync(Options(backend) with { ResponseTimeout = TimeSpan.FromMilliseconds(200) });
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await front.Client.GetAsync(Root)).StatusCode);
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await front.Client.PostAsync(Root, new StringContent("x"))).StatusCode);
    }

    [Fact]
    public async Task An_answer_that_is_cut_is_cut_for_the_client()
    {
        await using H2Backend backend = await H2Backend.StartAsync(async context =>
        {
            await context.Response.WriteAsync("half");
            context.Abort();
        });
        await using H2Front front = await H2Front.ToAsync(backend.Address);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => front.Client.GetStringAsync(Root));
    }

    [Fact]
    public async Task A_client_that_leaves_is_a_stream_that_ends()
    {
        var aborted = new TaskCompletionSource();
        await using H2Backend backend = await H2Backend.StartAsync(async context =>
        {
            context.RequestAborted.Register(() => aborted.TrySetResult());
            await context.Response.Body.FlushAsync();
            await aborted.Task;
        });
        await using H2Front front = await H2Front.ToAsync(backend.Address);
        using var content = new Dialogue();
        using (var request = new HttpRequestMessage(HttpMethod.Post, Root) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content })
        {
            using HttpResponseMessage response = await front.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            content.End();
        }
        await aborted.Task.WaitAsync(Loopback.Patience);
        await Eventually.IsTrueAsync(() => !front.Ended.IsEmpty, "the exchange ended");
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413()
    {
        await using H2Backend backend = await H2Backend.StartAsync(context => context.Request.Body.CopyToAsync(Stream.Null));
        await using H2Front front = await H2Front.ToAsync(Options(backend), maxBodyBytes: 10);
        Assert.Equal(HttpStatusCode.OK, (await front.Client.PostAsync(Root, new ByteArrayContent(new byte[10]))).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await front.Client.PostAsync(Root, new ByteArrayContent(new byte[11]))).StatusCode);
    }

    [Fact]
    public async Task A_web_socket_is_501_and_reaches_nobody()
    {
        int asked = 0;
        await using H2Backend backend = await H2Backend.StartAsync(context =>
        {
            asked++;
            return Task.CompletedTask;
        });
        await using H2Front front = await H2Front.ToAsync(Options(backend), protocols: HttpProtocols.Http1);
        using var request = new HttpRequestMessage(HttpMethod.Get, Root);
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        Assert.Equal((HttpStatusCode.NotImplemented, 0), ((await front.Client.SendAsync(request)).StatusCode, asked));
    }

    [Fact]
    public async Task A_tls_backend_must_be_who_it_is_said_to_be_and_speak_HTTP_2()
    {
        using X509Certificate2 certificate = SelfSigned.Certificate("grpc.internal");
        string trusted = Path.GetTempFileName();
        await File.WriteAllTextAsync(trusted, certificate.ExportCertificatePem());
        await using H2Backend backend = await H2Backend.StartTlsAsync(certificate, SslApplicationProtocol.Http2, context => context.Response.WriteAsync(context.Request.Host.Value!));
        await using H2Backend old = await H2Backend.StartTlsAsync(certificate, SslApplicationProtocol.Http11, _ => Task.CompletedTask);
        HttpBackendOptions options = Options(backend) with { Scheme = HttpScheme.Https };
        var known = new BackendVerification(true, trusted);

        Assert.Equal(502, await StatusAsync(options));
        Assert.Equal(502, await StatusAsync(options with { Verification = known }));
        Assert.Equal(502, await StatusAsync(options with { Verification = known, ServerName = "other.internal" }));
        Assert.Equal(200, await StatusAsync(options with { Verification = known, ServerName = "grpc.internal" }));
        Assert.Equal(200, await StatusAsync(options with { Verification = BackendVerification.Off }));
        Assert.Equal(502, await StatusAsync(options with { Servers = [old.Address], Verification = BackendVerification.Off }));
        Assert.Equal(502, await StatusAsync(options with { Verification = new BackendVerification(true, "/nonexistent.pem") }));
        File.Delete(trusted);
    }

    private static async Task<int> StatusAsync(HttpBackendOptions options)
    {
        await using H2Front front = await H2Front.ToAsync(options);
        using HttpResponseMessage response = await front.Client.GetAsync(Root);
        // No client may mark a server down by what it asks for.
        Assert.True(front.Route.Pool.Servers[0].IsUp);
        return (int)response.StatusCode;
    }

    private static HttpBackendOptions Options(H2Backend backend) => new() { Scheme = HttpScheme.H2c, Servers = [backend.Address] };
}
