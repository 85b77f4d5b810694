using System.Collections.Immutable;
using System.Net;
using FastSni.Config;

namespace FastSni.NativeTests.Support;

/// <summary>Snapshots made by hand: one listener on 127.0.0.1, and sections that take what has an unknown name, no name or no TLS.</summary>
internal sealed record Setup
{
    internal ListenMode Mode { get; init; } = ListenMode.Tls;

    internal GatewayOptions Options { get; init; } = new();

    /// <summary>Where every name goes; null = refused.</summary>
    internal BackendOptions? Named { get; init; }

    internal BackendOptions? Nameless { get; init; }

    internal BackendOptions? NotTls { get; init; }

    /// <summary>Port 0 twice is one address to a listener set, so several listening addresses differ in more than the port.</summary>
    internal ImmutableArray<ListenEndpoint> Endpoints { get; init; } = [new ListenEndpoint(IPAddress.Loopback, 0)];

    internal AcceptProxy AcceptProxy { get; init; }

    internal ImmutableArray<IPNetwork> TrustedProxies { get; init; } = [];

    internal Snapshot Snapshot
    {
        get
        {
            List<RouteSection> sections = [];
            return new Snapshot
            {
                Gateway = Options,
                Listeners =
                [
                    new Listener
                    {
                        Name = "test",
                        Mode = Mode,
                        Endpoints = Endpoints,
                        Names = RouteTable.Empty,
                        UnknownName = Action("named", Mode == ListenMode.Tls ? Named : null),
                        NoName = Action("nameless", Nameless),
                        NotTls = Action("not-tls", NotTls),
                        Backend = Mode == ListenMode.Tcp ? Named : null,
                        AcceptProxy = AcceptProxy,
                        TrustedProxies = TrustedProxies,
                    },
                ],
                Sections = [.. sections],
                Admin = new AdminOptions(Socket: null),
                Warnings = [],
            };

            RouteAction Action(string name, BackendOptions? backend)
            {
                if (backend is null)
                    return RouteAction.Reject;
                sections.Add(new PassthroughSection { Name = name, Backend = backend, Index = sections.Count });
                return RouteAction.To(sections[^1]);
            }
        }
    }

    /// <summary>Everything with a name goes to this backend.</summary>
    internal static Setup To(Backend backend, ProxyProtocol proxy = ProxyProtocol.Off) =>
        new() { Named = backend.Options with { ProxyProtocol = proxy } };

    /// <summary>The same, with PROXY headers from these peers; from 127.0.0.1 and ::1 where none are given.</summary>
    internal Setup Behind(AcceptProxy how, params string[] trusted) => this with
    {
        AcceptProxy = how,
        TrustedProxies = [.. (trusted is [] ? ["127.0.0.1/32", "::1/128"] : trusted).Select(text => IPNetwork.Parse(text))],
    };

    internal static BackendOptions Servers(params ServerAddress[] servers) => new() { Servers = [.. servers] };

    internal static ServerAddress Server(int port) => new(ServerKind.Ip, $"127.0.0.1:{port}", "127.0.0.1", port);
}
