using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public class HttpListenerTests
{
    private const string Listeners = """
        [listen:https]
        mode = tls
        address = :443
        [listen:imaps]
        mode = tls
        address = :993
        [listen:http]
        mode = http
        address = :80
        trusted-proxies = 192.0.2.1
        [listen:other]
        mode = http
        address = :8080
        [gateway]
        trusted-proxies = 10.0.0.0/8

        """;

    [Theory]
    [InlineData("[passthrough:a]\nbackend = x", "https imaps http other")]
    [InlineData("[passthrough:a]\nbackend = x\nlisten = https", "https http other")]
    [InlineData("[passthrough:a]\nbackend = x\nlisten = imaps", "imaps")]
    [InlineData("[passthrough:a]\nbackend = x\nlisten = imaps\nhttp-backend = x", "imaps http other")]
    [InlineData("[passthrough:a]\nbackend = x\nlisten = imaps, other", "imaps other")]
    [InlineData("[offload:a]\nbackend = http://x", "https imaps http other")]
    [InlineData("[offload:a]\nbackend = http://x\nlisten = imaps", "imaps http other")]
    [InlineData("[offload:a]\nbackend = http://x\nlisten = https, HTTP", "https http")]
    public void A_web_sites_names_are_on_http_listeners_too(string section, string listeners)
    {
        Snapshot snapshot = ConfigFolder.SnapshotOf($"{Listeners}{section}\nnames = a.org\n");
        Assert.Equal(listeners.Split(' '), snapshot.Listeners.Where(listener => listener.Names.Find("a.org"u8) == 0).Select(listener => listener.Name));
    }

    [Theory]
    [InlineData("listen = http", "this names no tls listener: add one, or remove the key for every tls and every http listener")]
    [InlineData("listen = htp", "there is no section [listen:htp]: did you mean http?")]
    public void A_section_needs_a_tls_listener(string line, string sentence) => Assert.Equal(
        [$"fastsni.ini:19: [offload:a] listen: {sentence}"], ConfigFolder.ErrorsOf($"{Listeners}[offload:a]\nbackend = http://x\nnames = a.org\n{line}\n"));

    [Fact]
    public void A_name_on_two_tls_listeners_needs_two_http_listeners()
    {
        string[] errors = ConfigFolder.ErrorsOf(Listeners +
            "[passthrough:a]\nbackend = x\nnames = a.org\nlisten = https\n[passthrough:b]\nbackend = y\nnames = a.org\nlisten = imaps\nhttp-backend = y\n");
        Assert.Equal(
            ["fastsni.ini:22: [passthrough:b] names: a.org is claimed twice on listener http: first at fastsni.ini:18 by [passthrough:a]; with listen, give " +
                "each of them an http listener of its own"],
            errors);
        Assert.Empty(ConfigFolder.ErrorsOf(Listeners + "[passthrough:a]\nbackend = x\nnames = a.org\nlisten = https, http\n" +
            "[passthrough:b]\nbackend = y\nnames = a.org\nlisten = imaps, other\nhttp-backend = y\n"));
    }

    [Fact]
    public void Only_action_is_its_own()
    {
        Listener listener = ConfigFolder.SnapshotOf("[listen:http]\nmode = http\naddress = :80\naction = passthrough:a\n[passthrough:a]\nbackend = x\n").Listeners.Single();
        Assert.Equal("passthrough:a", listener.UnknownName.Section!.Label);
        Assert.Equal((RouteAction.Reject, RouteAction.Reject), (listener.NoName, listener.NotTls));
    }

    [Theory]
    [InlineData("no-name-action = reject",
        "an http listener reads no TLS, whose hello could lack a name or be none: remove this key; action is for hosts that no section has")]
    [InlineData("not-tls-action = reject",
        "an http listener reads no TLS, whose hello could lack a name or be none: remove this key; action is for hosts that no section has")]
    [InlineData("backend = x",
        "an http listener finds its backend by name: write http-backend in a [passthrough:NAME] section, or backend in an [offload:NAME] section")]
    [InlineData("health-check = off",
        "an http listener finds its backend by name: write http-backend in a [passthrough:NAME] section, or backend in an [offload:NAME] section")]
    public void Other_keys_are_errors(string line, string sentence) => Assert.Equal(
        [$"fastsni.ini:4: [listen:http] {line.Split(' ')[0]}: {sentence}"], ConfigFolder.ErrorsOf($"[listen:http]\nmode = http\naddress = :80\n{line}\n"));

    [Fact]
    public void Trusted_proxies_are_its_own_and_the_gateways()
    {
        Snapshot snapshot = ConfigFolder.SnapshotOf(Listeners);
        Assert.Equal(["10.0.0.0/8"], snapshot.Listeners[0].TrustedProxies.Select(network => network.ToString()));
        Assert.Equal(["192.0.2.1/32", "10.0.0.0/8"], snapshot.Listeners[2].TrustedProxies.Select(network => network.ToString()));
    }

    [Fact]
    public void An_http_backend_has_the_sections_balance_and_a_tcp_check()
    {
        PassthroughSection section = (PassthroughSection)ConfigFolder.SnapshotOf("""
            [passthrough:a]
            names = *.a.org, b.a.org
            backend = 192.0.2.1:443
            http-backend = 192.0.2.1, 192.0.2.2
            balance = source
            health-check = tls
            health-interval = 1s
            [passthrough:b]
            names = c.org
            backend = 192.0.2.1:443
            http-backend = nas:8080
            health-check = tls
            health-name = d.org

            """).Sections[0];
        HttpBackendOptions http = section.HttpBackend!;
        Assert.Equal((HttpScheme.Http, Balance.Source, BackendVerification.Off, null), (http.Scheme, http.Balance, http.Verification, http.HealthCheck));
        Assert.Equal([new ServerAddress(ServerKind.Ip, "192.0.2.1", "192.0.2.1", null), new(ServerKind.Ip, "192.0.2.2", "192.0.2.2", null)], http.Servers.AsEnumerable());
        Assert.Equal(new HealthCheckOptions(HealthCheckKind.Tls, TimeSpan.FromSeconds(1), "b.a.org", "/"), section.Backend.HealthCheck);
    }

    [Fact]
    public void A_check_needs_a_port_and_a_name_is_the_sections()
    {
        PassthroughSection section = (PassthroughSection)ConfigFolder.SnapshotOf(
            "[passthrough:b]\nnames = c.org\nbackend = 192.0.2.1:443\nhttp-backend = nas:8080\nhealth-check = tls\nhealth-name = d.org\n").Sections[0];
        Assert.Equal("d.org", section.Backend.HealthCheck!.Name);
        Assert.Equal(new HealthCheckOptions(HealthCheckKind.Tcp, TimeSpan.FromSeconds(5), null, "/"), section.HttpBackend!.HealthCheck);
        Assert.Equal(
            ["fastsni.ini:4: [passthrough:b] health-check: nas has no port that a check could ask: write it, such as nas:443"],
            ConfigFolder.ErrorsOf("[passthrough:b]\nnames = c.org\nbackend = nas\nhealth-check = tcp\n"));
    }

    [Fact]
    public void A_tls_check_takes_the_first_name_of_a_names_file()
    {
        using ConfigFolder folder = new();
        folder.Write("n.txt", "*.a.org\nfirst.org\nsecond.org\n").Write(ConfigFolder.Main, "[passthrough:a]\nnames-file = n.txt\nbackend = x:443\nhealth-check = tls\n");
        Assert.Equal("first.org", ((PassthroughSection)folder.Snapshot().Sections[0]).Backend.HealthCheck!.Name);
    }

    [Theory]
    [InlineData("[offload:a]\nbackend = http://127.0.0.1\nnames = a.org", "2: [offload:a] backend: 127.0.0.1:80 is 0.0.0.0:80")]
    [InlineData("[passthrough:a]\nhttp-backend = [::1]:80\nbackend = x\nnames = a.org", "2: [passthrough:a] http-backend: [::1]:80 is [::]:80")]
    public void An_http_backend_that_is_a_listener_of_ours_is_a_warning(string text, string start)
    {
        using ConfigFolder folder = new();
        Assert.StartsWith($"fastsni.ini:{start}, where this gateway itself listens", Assert.Single(folder.Write(ConfigFolder.Main, text + "\n").Warnings()), StringComparison.Ordinal);
    }
}
