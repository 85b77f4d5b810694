using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FastSni.Config;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FastSni.NativeTests.Http;

/// <summary>A server on a loopback port, or a unix socket, that answers as the test says.</summary>
internal sealed class H2Backend : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private readonly KestrelServer _server;
    private readonly RequestDelegate _answer;

    private H2Backend(RequestDelegate answer, Action<KestrelServerOptions> listen)
    {
        _answer = answer;
        _server = Kestrel(listen);
    }

    internal int Port { get; private set; }

    internal ServerAddress Address => Support.Setup.Server(Port);

    internal static Task<H2Backend> StartAsync(RequestDelegate answer) =>
        StartAsync(answer, kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));

    /// <summary>HTTP/2 over TLS, or what the other protocol's name promises.</summary>
    internal static Task<H2Backend> StartTlsAsync(X509Certificate2 certificate, SslApplicationProtocol protocol, RequestDelegate answer) =>
        StartAsync(answer, kestrel =>
        {
            kestrel.AllowAlternateSchemes = true;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.Use(next => async connection =>
                {
                    await using var tls = new SslStream(new PipeStream(connection.Transport));
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, ApplicationProtocols = [protocol] });
                    connection.Transport = new StreamPipes(PipeReader.Create(tls), PipeWriter.Create(tls));
                    await next(connection);
                });
            });
        });

    /// <summary>A server that passes headers on as they are: Latin-1.</summary>
    internal static KestrelServer Kestrel(Action<KestrelServerOptions> listen)
    {
        var options = new KestrelServerOptions { ApplicationServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        options.RequestHeaderEncodingSelector = options.ResponseHeaderEncodingSelector = _ => System.Text.Encoding.Latin1;
        listen(options);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        return new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public Task ProcessRequestAsync(HttpContext context) => _answer(context);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _server.StopAsync(atOnce.Token);
        _server.Dispose();
    }

    private static async Task<H2Backend> StartAsync(RequestDelegate answer, Action<KestrelServerOptions> listen)
    {
        var backend = new H2Backend(answer, listen);
        await backend._server.StartAsync(backend, CancellationToken.None);
        string address = backend._server.Features.GetRequiredFeature<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>().Addresses.First();
        backend.Port = address.Contains("unix", StringComparison.Ordinal) ? 0 : new Uri(address).Port;
        return backend;
    }

    private sealed record StreamPipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
