using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FastSni.Backends;
using FastSni.Config;
using FastSni.Handoff;
using FastSni.Http;
using FastSni.NativeTests.Support;
using FastSni.Wire;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace FastSni.NativeTests.Http;

/// <summary>Kestrel in front of a forwarder, with one route to the servers given.</summary>
internal sealed class HttpFront : IHttpApplication<Exchange>, IAsyncDisposable
{
    private readonly KestrelServer _server;
    private readonly SocketLoops _loops = new();
    private readonly Forwarder _forwarder;
    private readonly HttpPlan _plan;
    private readonly HandedOffClient _client;
    private readonly OffloadSection _section;

    private HttpFront(OffloadSection section, GatewayOptions gateway)
    {
        _section = section;
        Listener listener = new()
        {
            Name = "test", Mode = ListenMode.Http, Endpoints = [], Names = RouteTable.Empty,
            UnknownName = RouteAction.Reject, NoName = RouteAction.Reject, NotTls = RouteAction.Reject,
        };
        Snapshot snapshot = new() { Gateway = gateway, Listeners = [listener], Sections = [section], Admin = new AdminOptions(Socket: null), Warnings = [] };
        BackendPools pools = new ServerRegistry(Log).Build(snapshot);
        _plan = new HttpPlan(snapshot, pools);
        _forwarder = new Forwarder(Log, _loops);
        _client = new HandedOffClient
        {
            Descriptor = -1, Listener = listener, Lease = new TestLease(),
            Client = IpEndpoint.Create(IPAddress.Parse("198.51.100.7"), 40000), Local = IpEndpoint.Create(IPAddress.Loopback, 80),
        };
        _server = H2Backend.Kestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
    }

    internal ListLog Log { get; } = new();

    /// <summary>The last exchange that began, as the access log would see it.</summary>
    internal Exchange? Last { get; private set; }

    /// <summary>Around every request.</summary>
    internal Func<Exchange, Func<Task>, Task> Frame { get; set; } = (_, forward) => forward();

    internal HttpRoute Route => _plan.RouteOf(_section)!;

    internal IPEndPoint Address => AddressAt(0);

    internal IPEndPoint Http2Address => AddressAt(1);

    internal static Task<HttpFront> StartAsync(params ImmutableArray<ServerAddress> servers) => StartAsync(SectionTo(servers), new GatewayOptions());

    internal static async Task<HttpFront> StartAsync(OffloadSection section, GatewayOptions gateway)
    {
        var front = new HttpFront(section, gateway);
        await front._server.StartAsync(front, CancellationToken.None);
        return front;
    }

    internal static OffloadSection SectionTo(params ImmutableArray<ServerAddress> servers) => new()
    {
        Name = "test", Index = 0, Backend = new HttpBackendOptions { Servers = servers, ResponseTimeout = TimeSpan.FromSeconds(15) }, Tls = TlsIdentity.SelfSigned,
    };

    internal Socket Connect()
    {
        Socket socket = Loopback.NewSocket();
        socket.Connect(Address);
        return socket;
    }

    /// <summary>Sends this on a connection of its own and returns all bytes until the end; whether it ended in order.</summary>
    internal async Task<string> AskAsync(string request)
    {
        using Socket socket = Connect();
        await socket.SendAsync(Encoding.Latin1.GetBytes(request));
        return await HttpText.ReadToEndAsync(socket);
    }

    internal Task<string> GetAsync(string path = "/") => AskAsync($"GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");

    public Exchange CreateContext(IFeatureCollection contextFeatures)
    {
        Exchange exchange = new();
        exchange.Begin(contextFeatures, _client, _plan, 0);
        return Last = exchange;
    }

    public Task ProcessRequestAsync(Exchange context) => RequestCheck.TryRead(context, out _, out int refusal)
        ? Frame(context, () => _forwarder.ForwardAsync(context, Route))
        : Page.WriteAsync(context, refusal);

    public void DisposeContext(Exchange context, Exception? exception)
    {
        if (exception is not null)
            Log.Log(Microsoft.Extensions.Logging.LogLevel.Error, default, 0, exception, (_, fault) => fault!.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource atOnce = new();
        await atOnce.CancelAsync();
        await _server.StopAsync(atOnce.Token);
        _server.Dispose();
        _loops.Dispose();
        Xunit.Assert.DoesNotContain(Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private IPEndPoint AddressAt(int place)
    {
        string text = _server.Features.GetRequiredFeature<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>().Addresses.ElementAt(place);
        return new IPEndPoint(IPAddress.Loopback, new Uri(text).Port);
    }
}
