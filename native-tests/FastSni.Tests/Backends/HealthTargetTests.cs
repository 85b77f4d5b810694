using System.Net;
using FastSni.Backends;
using FastSni.Config;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FastSni.Tests.Backends;

public class HealthTargetTests
{
    private static readonly ServerAddress One = new(ServerKind.Ip, "192.0.2.1:443", "192.0.2.1", 443);

    private static readonly BackendOptions Tcp = new() { Servers = [One], HealthCheck = Check(HealthCheckKind.Tcp) };

    private static readonly HttpBackendOptions Http = new() { Servers = [One], HealthCheck = Check(HealthCheckKind.Http) };

    [Fact]
    public void Lists_without_a_check_have_no_targets() =>
        Assert.Empty(Targets(Tcp with { HealthCheck = null }, Http with { HealthCheck = null }));

    [Fact]
    public void Equal_checks_of_one_server_are_one_target() =>
        Assert.Single(Targets(Tcp, Tcp with { Balance = Balance.Source, Servers = [One] }).Distinct());

    [Fact]
    public void Whatever_changes_what_is_sent_makes_another_target()
    {
        ServerList[] lists =
        [
            Tcp, Tcp with { HealthCheck = Check(HealthCheckKind.Tls) }, Tcp with { ProxyProtocol = ProxyProtocol.V1 },
            Tcp with { ProxyProtocol = ProxyProtocol.V2 }, Tcp with { SourceAddress = IPAddress.Loopback },
            Tcp with { Servers = [One with { Text = "192.0.2.1:444", Port = 444 }] },
            Http, Http with { Scheme = HttpScheme.Https }, Http with { Verification = BackendVerification.Off }, Http with { ServerName = "app.internal" },
        ];
        Assert.Equal(lists.Length, Targets(lists).Distinct().Count());
    }

    [Fact]
    public void What_only_requests_need_makes_no_other_tcp_check()
    {
        HttpBackendOptions list = Http with { HealthCheck = Check(HealthCheckKind.Tcp) };
        Assert.Single(Targets(list, list with { Scheme = HttpScheme.Https, ServerName = "app.internal" }, Tcp).Distinct());
    }

    [Theory]
    [InlineData(100, 1_000)]
    [InlineData(3_000, 3_000)]
    [InlineData(60_000, 5_000)]
    public void A_check_may_take_its_interval_but_at_least_1_and_at_most_5_seconds(int intervalMilliseconds, int timeoutMilliseconds)
    {
        HealthCheckOptions check = Check(HealthCheckKind.Tcp) with { Interval = TimeSpan.FromMilliseconds(intervalMilliseconds) };
        Assert.Equal(timeoutMilliseconds, new HealthTarget(Pools.Server("192.0.2.1"), check, 443).Timeout.TotalMilliseconds);
    }

    [Fact]
    public void A_check_goes_to_the_servers_own_port_and_a_unix_socket_has_none()
    {
        ServerAddress socket = new(ServerKind.Unix, "unix:/run/app.sock", "/run/app.sock", null);
        Assert.Equal([443, 0], Targets(Tcp with { Servers = [One, socket] }).Select(target => target.Port));
    }

    [Fact]
    public void The_backend_of_a_tcp_listener_is_checked_too() =>
        Assert.Equal([443], Targets([TcpListener(Tcp)], []).Select(target => target.Port));

    private static HealthCheckOptions Check(HealthCheckKind kind) => new(kind, TimeSpan.FromSeconds(5), null, "/");

    private static Listener TcpListener(BackendOptions backend) => new()
    {
        Name = "smtp",
        Mode = ListenMode.Tcp,
        Endpoints = [new(IPAddress.Any, 25)],
        Names = RouteTable.Empty,
        UnknownName = RouteAction.Reject,
        NoName = RouteAction.Reject,
        NotTls = RouteAction.Reject,
        Backend = backend,
    };

    private static List<HealthTarget> Targets(params ServerList[] lists) => Targets([], lists);

    private static List<HealthTarget> Targets(Listener[] listeners, ServerList[] lists)
    {
        Snapshot snapshot = new()
        {
            Gateway = new(),
            Listeners = [.. listeners],
            Sections = [.. lists.Select(Section)],
            Admin = new AdminOptions(Socket: null),
            Warnings = [],
        };
        return [.. HealthTarget.AllOf(new ServerRegistry(NullLogger.Instance).Build(snapshot), snapshot)];
    }

    private static RouteSection Section(ServerList list, int index) => list is BackendOptions backend
        ? new PassthroughSection { Name = $"s{index}", Index = index, Backend = backend }
        : new OffloadSection { Name = $"s{index}", Index = index, Backend = (HttpBackendOptions)list, Tls = TlsIdentity.SelfSigned };
}
