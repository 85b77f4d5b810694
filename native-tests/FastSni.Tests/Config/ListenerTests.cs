using System.Net;
using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public class ListenerTests
{
    [Fact]
    public void Without_any_listener_https_listens_on_443_and_http_on_80()
    {
        Snapshot snapshot = ConfigFolder.SnapshotOf(ConfigFolder.Reject);
        (Listener listener, Listener http) = (snapshot.Listeners[0], snapshot.Listeners[1]);
        Assert.Equal(2, snapshot.Listeners.Length);
        Assert.Equal(("http", ListenMode.Http), (http.Name, http.Mode));
        Assert.Equal([("0.0.0.0:80", false), ("[::]:80", true)], http.Endpoints.Select(endpoint => (endpoint.ToString(), endpoint.IsOptional)));
        Assert.Equal(("https", ListenMode.Tls), (listener.Name, listener.Mode));
        Assert.Equal(["0.0.0.0:443", "[::]:443"], listener.Endpoints.Select(endpoint => endpoint.ToString()));
        Assert.Equal((RouteAction.Reject, RouteAction.Reject, RouteAction.Reject), (listener.UnknownName, listener.NoName, listener.NotTls));
        Assert.Null(listener.Backend);
    }

    [Fact]
    public void A_bare_port_is_two_sockets_of_which_ipv6_may_be_missing()
    {
        Listener listener = Assert.Single(ConfigFolder.SnapshotOf($"{ConfigFolder.Reject}[listen:a]\nmode = tls\naddress = :993\n").Listeners);
        Assert.Equal(
            [(IPAddress.Any, 993, false), (IPAddress.IPv6Any, 993, true)],
            listener.Endpoints.Select(endpoint => (endpoint.Address, endpoint.Port, endpoint.IsOptional)));
    }

    [Fact]
    public void Addresses_are_a_list()
    {
        Listener listener = Assert.Single(ConfigFolder.SnapshotOf(
            $"{ConfigFolder.Reject}[listen:a]\nmode = tls\naddress = 192.0.2.1:443, [2001:db8::1]:443 ,[::]:444,0.0.0.0:444\n").Listeners);
        Assert.Equal(["192.0.2.1:443", "[2001:db8::1]:443", "[::]:444", "0.0.0.0:444"], listener.Endpoints.Select(e => e.ToString()));
        Assert.All(listener.Endpoints, endpoint => Assert.False(endpoint.IsOptional));
    }

    [Theory]
    [InlineData("443", "\"443\" is a port without its colon: write :443")]
    [InlineData("192.0.2.1", "\"192.0.2.1\" has no port: write 192.0.2.1:443")]
    [InlineData("2001:db8::1", "\"2001:db8::1\" has no port: write [2001:db8::1]:443")]
    [InlineData("[2001:db8::1]", "\"[2001:db8::1]\" has no port: write :443 for every address, 192.0.2.1:443 or [2001:db8::1]:443")]
    [InlineData("*:443", "\"*:443\" is not an address and port to listen on: write :443 for every address, 192.0.2.1:443 or [2001:db8::1]:443")]
    [InlineData("eth0:443", "\"eth0:443\" is not an address and port to listen on: write :443 for every address, 192.0.2.1:443 or [2001:db8::1]:443")]
    [InlineData("192.0.2:443",
        "\"192.0.2:443\" is not an address and port to listen on: write :443 for every address, 192.0.2.1:443 or [2001:db8::1]:443")]
    [InlineData("010.0.0.1:443",
        "\"010.0.0.1:443\" is not an address and port to listen on: write :443 for every address, 192.0.2.1:443 or [2001:db8::1]:443")]
    [InlineData("[192.0.2.1]:443",
        "\"[192.0.2.1]:443\" is not an address and port to listen on: write :443 for every address, 192.0.2.1:443 or [2001:db8::1]:443")]
    [InlineData("[fe80::1%eth0]:443",
        "\"[fe80::1%eth0]:443\" is not an address and port to listen on: write :443 for every address, 192.0.2.1:443 or [2001:db8::1]:443")]
    [InlineData("[::ffff:192.0.2.1]:443",
        "\"[::ffff:192.0.2.1]:443\" is not an address and port to listen on: write :443 for every address, 192.0.2.1:443 or [2001:db8::1]:443")]
    [InlineData(":0", "\":0\": a port is 1 to 65535")]
    [InlineData(":65536", "\":65536\": a port is 1 to 65535")]
    [InlineData(":https", "\":https\": a port is 1 to 65535")]
    [InlineData("", "no address given: write one or more, separated by commas, or remove the key")]
    public void A_wrong_address_says_what_would_be_right(string address, string sentence) => Assert.Equal(
        [$"fastsni.ini:6: [listen:a] address: {sentence}"],
        ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}[listen:a]\nmode = tls\naddress = {address}\n"));

    [Theory]
    [InlineData(":443", "0.0.0.0:443")]
    [InlineData("0.0.0.0:443", "0.0.0.0:443")]
    [InlineData("[::]:443", "[::]:443")]
    public void Two_listeners_on_one_socket_name_both_places(string address, string socket) => Assert.Equal(
        [$"fastsni.ini:9: [listen:b] address: {socket} is taken by listener a: first at fastsni.ini:6; give one of them another address or port"],
        ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}[listen:a]\nmode = tls\naddress = :443\n[listen:b]\nmode = tls\naddress = {address}\n"));

    [Fact]
    public void A_socket_twice_in_one_list_is_an_error() => Assert.Equal(
        ["fastsni.ini:6: [listen:a] address: 0.0.0.0:443 is in this list twice"],
        ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}[listen:a]\nmode = tls\naddress = :443, 0.0.0.0:443\n"));

    [Fact]
    public void A_specific_address_and_every_address_may_share_a_port() => Assert.Equal(2, ConfigFolder.SnapshotOf(
        $"{ConfigFolder.Reject}[listen:a]\nmode = tls\naddress = :443\n[listen:b]\nmode = tls\naddress = 192.0.2.1:443\n").Listeners.Length);

    [Fact]
    public void Mode_and_address_must_be_given() => Assert.Equal(
        ["fastsni.ini:4: [listen:a] address: missing: write what to listen on, such as address = :443",
         "fastsni.ini:4: [listen:a] mode: missing: write mode = tls for names by SNI, mode = http for port 80, or mode = tcp for one backend"],
        ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}[listen:a]\n"));

    [Fact]
    public void A_tcp_listener_takes_every_backend_key()
    {
        Listener listener = ConfigFolder.SnapshotOf("""
            [listen:smtp]
            mode = tcp
            address = :25
            backend = 192.168.99.11, mail.example.org:2525
            proxy-protocol = v2
            proxy-tlv = unique-id, crc32c
            balance = least-connections
            source-address = 192.168.99.1
            health-check = off
            health-interval = 10s
            health-name = mail.example.org
            accept-proxy = off
            trusted-proxies = 10.0.0.0/8

            """).Listeners.Single();
        Assert.Equal(ListenMode.Tcp, listener.Mode);
        Assert.Same(RouteTable.Empty, listener.Names);
        BackendOptions backend = listener.Backend!;
        Assert.Equal(
            [
                new ServerAddress(ServerKind.Ip, "192.168.99.11", "192.168.99.11", null),
                new ServerAddress(ServerKind.HostName, "mail.example.org:2525", "mail.example.org", 2525),
            ],
            backend.Servers.ToArray());
        Assert.Equal((ProxyProtocol.V2, ProxyTlvs.UniqueId | ProxyTlvs.Crc32c), (backend.ProxyProtocol, backend.ProxyTlvs));
        Assert.Equal(Balance.LeastConnections, backend.Balance);
        Assert.Equal(IPAddress.Parse("192.168.99.1"), backend.SourceAddress);
    }

    [Theory]
    [InlineData("mode = tls\naccept-proxy = accept", AcceptProxy.Accept)]
    [InlineData("mode = http\naccept-proxy = Require", AcceptProxy.Require)]
    [InlineData("mode = tcp\nbackend = x\naccept-proxy = require", AcceptProxy.Require)]
    [InlineData("mode = tcp\nbackend = x\naccept-proxy = off", AcceptProxy.Off)]
    [InlineData("mode = tls", AcceptProxy.Off)]
    public void Proxies_in_front_may_be_listened_to_in_every_mode(string keys, AcceptProxy expected)
    {
        Listener listener = ConfigFolder.SnapshotOf($"{ConfigFolder.Reject}[listen:a]\naddress = :1\ntrusted-proxies = 10.0.0.0/8\n{keys}\n").Listeners.Single();
        Assert.Equal((expected, "10.0.0.0/8"), (listener.AcceptProxy, listener.TrustedProxies.Single().ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("trusted-proxies =\n[gateway]\ntrusted-proxies =\n")]
    public void A_listener_must_know_which_proxies_to_believe(string keys) => Assert.Equal(
        ["fastsni.ini:7: [listen:a] accept-proxy: no PROXY header would be believed: write trusted-proxies, here or in [gateway], with the addresses of the " +
            "load balancer in front"],
        ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}[listen:a]\naddress = :443\nmode = tls\naccept-proxy = accept\n{keys}"));

    [Fact]
    public void The_gateways_proxies_are_every_listeners()
    {
        Listener listener = ConfigFolder.SnapshotOf(ConfigFolder.Reject +
            "[listen:a]\naddress = :443\nmode = tls\naccept-proxy = require\n[gateway]\ntrusted-proxies = 192.0.2.1\n").Listeners.Single();
        Assert.Equal((AcceptProxy.Require, "192.0.2.1/32"), (listener.AcceptProxy, listener.TrustedProxies.Single().ToString()));
    }

    [Fact]
    public void A_wrong_list_of_proxies_is_one_error() => Assert.Equal(
        ["fastsni.ini:8: [listen:a] trusted-proxies: \"router\" is no address and no prefix: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32"],
        ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}[listen:a]\naddress = :443\nmode = tls\naccept-proxy = accept\ntrusted-proxies = router\n"));

    [Fact]
    public void A_tcp_listener_needs_a_backend() => Assert.Equal(
        ["fastsni.ini:1: [listen:smtp] backend: missing: write where to forward to, such as backend = 192.168.99.11:443"],
        ConfigFolder.ErrorsOf("[listen:smtp]\nmode = tcp\naddress = :25\n"));

    [Theory]
    [InlineData("action = reject")]
    [InlineData("no-name-action = reject")]
    [InlineData("not-tls-action = reject")]
    public void A_tcp_listener_has_no_actions(string line) => Assert.Equal(
        [$"fastsni.ini:5: [listen:smtp] {line.Split(' ')[0]}: a tcp listener asks for no name, everything goes to its " +
            "backend: remove this key, or write mode = tls"],
        ConfigFolder.ErrorsOf($"[listen:smtp]\nmode = tcp\naddress = :25\nbackend = x\n{line}\n"));

    [Theory]
    [InlineData("backend = 192.0.2.1")]
    [InlineData("proxy-protocol = off")]
    [InlineData("balance = source")]
    [InlineData("health-interval = 5s")]
    [InlineData("source-address = auto")]
    public void A_tls_listener_has_no_backend_keys(string line) => Assert.Equal(
        [$"fastsni.ini:4: [listen:a] {line.Split(' ')[0]}: a tls listener finds its backend by name: this key belongs to a " +
            "[passthrough:NAME] section or to a tcp listener"],
        ConfigFolder.ErrorsOf($"[listen:a]\nmode = tls\naddress = :443\n{line}\n{ConfigFolder.Reject}"));

    [Theory]
    [InlineData("authority")]
    [InlineData("alpn, crc32c")]
    public void A_tcp_listener_knows_no_name_to_pass_on(string tlvs) => Assert.Equal(
        ["fastsni.ini:6: [listen:smtp] proxy-tlv: a tcp listener reads no TLS and so knows neither authority nor alpn: " +
            "unique-id and crc32c are possible here"],
        ConfigFolder.ErrorsOf($"[listen:smtp]\nmode = tcp\naddress = :25\nbackend = x\nproxy-protocol = v2\nproxy-tlv = {tlvs}\n"));
}
