using System.Net;
using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public class BackendTests
{
    private const string Section = ConfigFolder.Reject + "[passthrough:a]\nnames = a.example.org\n";

    [Theory]
    [InlineData("192.0.2.1", ServerKind.Ip, "192.0.2.1", null)]
    [InlineData("192.0.2.1:8443", ServerKind.Ip, "192.0.2.1", 8443)]
    [InlineData("[2001:DB8::1]", ServerKind.Ip, "2001:db8::1", null)]
    [InlineData("[2001:db8:0:0::1]:65535", ServerKind.Ip, "2001:db8::1", 65535)]
    [InlineData("Mail.Example.org", ServerKind.HostName, "mail.example.org", null)]
    [InlineData("nas:443", ServerKind.HostName, "nas", 443)]
    [InlineData("nas.:443", ServerKind.HostName, "nas.", 443)]
    [InlineData("bücher.example:443", ServerKind.HostName, "xn--bcher-kva.example", 443)]
    [InlineData("unix:/run/a.sock", ServerKind.Unix, "/run/a.sock", null)]
    public void A_server_is_read_and_its_text_kept(string text, ServerKind kind, string host, int? port) =>
        Assert.Equal([new ServerAddress(kind, text, host, port)], BackendOf($"backend = {text}").Servers.ToArray());

    [Theory]
    [InlineData("http://192.0.2.1", "\"http://192.0.2.1\" is a URL: a passthrough backend is host:port, such as 192.168.99.11:443")]
    [InlineData("https://nas/", "\"https://nas/\" is a URL: a passthrough backend is host:port, such as 192.168.99.11:443")]
    [InlineData("2001:db8::1", "an IPv6 address stands in brackets: write [2001:db8::1] or [2001:db8::1]:443")]
    [InlineData("192.0.2.1:0", "\"192.0.2.1:0\": a port is 1 to 65535")]
    [InlineData("192.0.2.1:65536", "\"192.0.2.1:65536\": a port is 1 to 65535")]
    [InlineData("192.0.2.1:", "\"192.0.2.1:\": a port is 1 to 65535")]
    [InlineData("[2001:db8::1]:x", "\"[2001:db8::1]:x\": a port is 1 to 65535")]
    [InlineData("192.0.2", "\"192.0.2\" is not an address: write host:port, 192.0.2.1:443, [2001:db8::1]:443 or unix:/path")]
    [InlineData("192.0.2.256:443", "\"192.0.2.256:443\" is not an address: write host:port, 192.0.2.1:443, [2001:db8::1]:443 or unix:/path")]
    [InlineData("[2001:db8::g]:443", "\"[2001:db8::g]:443\" is not an address: write host:port, 192.0.2.1:443, [2001:db8::1]:443 or unix:/path")]
    [InlineData("2001:db8::1:99999", "\"2001:db8::1:99999\": a port is 1 to 65535")]
    [InlineData(":443", "\":443\" is not an address: write host:port, 192.0.2.1:443, [2001:db8::1]:443 or unix:/path")]
    [InlineData("0.0.0.0:443", "\"0.0.0.0:443\" is not the address of one server: write host:port, 192.0.2.1:443, [2001:db8::1]:443 or unix:/path")]
    [InlineData("[::]:443", "\"[::]:443\" is not the address of one server: write host:port, 192.0.2.1:443, [2001:db8::1]:443 or unix:/path")]
    [InlineData("224.0.0.1:443",
        "\"224.0.0.1:443\" is not the address of one server: write host:port, 192.0.2.1:443, [2001:db8::1]:443 or unix:/path")]
    [InlineData("*.example.org:443", "\"*.example.org:443\": * stands alone before the first dot, as in *.example.org; write " +
        "host:port, 192.0.2.1:443, [2001:db8::1]:443 or unix:/path")]
    [InlineData("nas/x", "\"nas/x\": the name alone is needed, without https:// and without a path; write host:port, " +
        "192.0.2.1:443, [2001:db8::1]:443 or unix:/path")]
    [InlineData("unix:run/a.sock", "\"run/a.sock\" is not usable here: write a path that begins with /")]
    [InlineData("unix:", "\"\" is not usable here: write a path that begins with /")]
    [InlineData("", "no backend given: write one or more, separated by commas, or remove the key")]
    [InlineData("nas,,nas2", "an empty item in the list: remove the comma too many, or write the backend that is missing")]
    [InlineData("nas, NAS", "\"NAS\" is in the list twice: keep one of them")]
    public void A_wrong_server_says_what_would_be_right(string text, string sentence) =>
        Assert.Equal([$"fastsni.ini:6: [passthrough:a] backend: {sentence}"], ConfigFolder.ErrorsOf($"{Section}backend = {text}\n"));

    [Fact]
    public void A_unix_path_may_have_107_bytes()
    {
        string path = "/" + string.Concat(Enumerable.Repeat("é", 53));
        Assert.Equal(path, BackendOf($"backend = unix:{path}").Servers[0].Host);
        Assert.Equal(
            ["fastsni.ini:6: [passthrough:a] backend: the path is longer than 107 bytes: use a shorter one"],
            ConfigFolder.ErrorsOf($"{Section}backend = unix:{path}s\n"));
    }

    [Fact]
    public void A_list_holds_at_most_64_servers()
    {
        string[] servers = [.. Enumerable.Range(1, 65).Select(i => $"10.0.0.{i}")];
        Assert.Equal(64, BackendOf($"backend = {string.Join(", ", servers[..64])}").Servers.Length);
        Assert.Equal(
            ["fastsni.ini:6: [passthrough:a] backend: 65 are too many: a list holds at most 64"],
            ConfigFolder.ErrorsOf($"{Section}backend = {string.Join(", ", servers)}\n"));
    }

    [Fact]
    public void Every_default_holds()
    {
        BackendOptions backend = BackendOf("backend = nas");
        Assert.Equal((ProxyProtocol.Off, ProxyTlvs.None, Balance.RoundRobin), (backend.ProxyProtocol, backend.ProxyTlvs, backend.Balance));
        Assert.Null(backend.SourceAddress);
    }

    [Theory]
    [InlineData("proxy-protocol = v1", ProxyProtocol.V1)]
    [InlineData("proxy-protocol = V2", ProxyProtocol.V2)]
    [InlineData("proxy-protocol = off", ProxyProtocol.Off)]
    public void The_proxy_header_has_two_versions(string line, ProxyProtocol version) =>
        Assert.Equal(version, BackendOf($"backend = nas\n{line}").ProxyProtocol);

    [Fact]
    public void Tlvs_are_a_set() => Assert.Equal(
        ProxyTlvs.Authority | ProxyTlvs.Alpn | ProxyTlvs.UniqueId | ProxyTlvs.Crc32c,
        BackendOf("backend = nas\nproxy-protocol = v2\nproxy-tlv = authority, alpn, unique-id, crc32c").ProxyTlvs);

    [Theory]
    [InlineData("backend = nas\nproxy-protocol = v3", "proxy-protocol: \"v3\" is not known here: write off, v1 or v2")]
    [InlineData("backend = nas\nproxy-tlv = crc32c",
        "proxy-tlv: only version 2 of the PROXY header carries these: write proxy-protocol = v2, or remove this key")]
    [InlineData("backend = nas\nproxy-tlv = netns", "proxy-tlv: \"netns\" is not known here: write none, authority, alpn, unique-id or crc32c")]
    [InlineData("backend = nas\nbalance = random", "balance: \"random\" is not known here: write round-robin, least-connections or source")]
    [InlineData("backend = nas\nsource-address = client",
        "source-address: source-address = client is reserved and not built into this version yet: write auto or an address of this machine")]
    [InlineData("backend = nas\nsource-address = eth0",
        "source-address: \"eth0\" is not an address of this machine: write auto, 192.0.2.1 or 2001:db8::1")]
    [InlineData("backend = nas\nsource-address = 0.0.0.0",
        "source-address: \"0.0.0.0\" is not an address of this machine: write auto, 192.0.2.1 or 2001:db8::1")]
    [InlineData("backend = [2001:db8::1]\nsource-address = 192.0.2.1",
        "source-address: from 192.0.2.1 no connection leads to [2001:db8::1]: write an address of the same family, or auto")]
    [InlineData("backend = nas\nhealth-interval = 99ms", "health-interval: \"99ms\" is out of range: write 100ms to 1d")]
    [InlineData("backend = nas\nhealth-name = *.example.org",
        "health-name: \"*.example.org\": * stands alone before the first dot, as in *.example.org")]
    [InlineData("backend = nas\nhealth-check = http", "health-check: \"http\" is not known here: write off, tcp or tls")]
    public void A_wrong_key_says_what_would_be_right(string lines, string message) =>
        Assert.Equal([$"fastsni.ini:7: [passthrough:a] {message}"], ConfigFolder.ErrorsOf($"{Section}{lines}\n"));

    [Fact]
    public void A_source_address_is_kept() =>
        Assert.Equal(IPAddress.Parse("2001:db8::7"), BackendOf("backend = nas, [2001:db8::1]\nsource-address = 2001:db8::7").SourceAddress);

    [Theory]
    [InlineData("192.0.2.7:443", "192.0.2.7:443", "192.0.2.7:443")]
    [InlineData("192.0.2.7", "192.0.2.7", "192.0.2.7:443")]
    [InlineData("127.0.0.1:444", "127.0.0.1:444", "0.0.0.0:444")]
    [InlineData("[::1]:444", "[::1]:444", "[::]:444")]
    public void A_backend_that_is_a_listener_of_ours_is_a_warning(string backend, string server, string listener)
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, $"{Section}backend = {backend}\n[listen:x]\nmode = tls\naddress = 192.0.2.7:443, :444\n");
        Assert.Equal(
            [$"fastsni.ini:6: [passthrough:a] backend: {server} is {listener}, where this gateway itself listens: unless " +
                "that is meant, sessions go round in a circle"],
            folder.Warnings());
    }

    [Theory]
    [InlineData("192.0.2.7:8443")]
    [InlineData("127.0.0.1:8443")]
    [InlineData("192.0.2.8")]
    public void Other_backends_are_no_warning(string backend)
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, $"{Section}backend = {backend}\n[listen:x]\nmode = tls\naddress = 192.0.2.7:443, :444\n");
        Assert.Empty(folder.Warnings());
    }

    private static BackendOptions BackendOf(string lines) => ((PassthroughSection)ConfigFolder.SnapshotOf($"{Section}{lines}\n").Sections.Single()).Backend;
}
