using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Several listeners, what each of them knows, and where those go whom no section claims.</summary>
public sealed class ListenerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_section_with_listen_is_known_on_those_listeners_alone(int workers)
    {
        using TestBackend web = TestBackend.Start("web"), imap = TestBackend.Start("imap"), both = TestBackend.Start("both");
        GatewayConfig config = new GatewayConfig(workers)
            .Listen("https", "tls", Loopback.NextV4())
            .Listen("imaps", "tls", Loopback.NextV4())
            .Passthrough("web", "mail.home.test", web, ("listen", "https"))
            .Passthrough("imap", "mail.home.test", imap, ("listen", "imaps"))
            .Passthrough("imap-only", "other.home.test", imap, ("listen", "imaps"))
            .Passthrough("both", "cloud.home.test", both, ("listen", "https, imaps"))
            .Passthrough("every", "every.home.test", both);
        await using Gateway gateway = await Gateway.StartAsync(config);
        IPEndPoint imaps = config.EndPoint("imaps");

        Assert.Equal("web", await gateway.AskAsync("mail.home.test"));
        Assert.Equal("imap", await gateway.AskAsync("mail.home.test", imaps));
        Assert.Equal("refused 112", await gateway.AskAsync("other.home.test"));
        Assert.Equal("imap", await gateway.AskAsync("other.home.test", imaps));
        foreach (string name in new[] { "cloud.home.test", "every.home.test" })
        {
            Assert.Equal("both", await gateway.AskAsync(name));
            Assert.Equal("both", await gateway.AskAsync(name, imaps));
        }
    }

    [Fact]
    public async Task A_backend_without_a_port_is_met_on_the_port_the_client_connected_to()
    {
        IPAddress behind = Loopback.NextAddress();
        int first = Loopback.NextPort(), second = Loopback.NextPort();
        using TestBackend one = TestBackend.Start("one", at: new IPEndPoint(behind, first));
        using TestBackend two = TestBackend.Start("two", at: new IPEndPoint(behind, second));
        GatewayConfig config = new GatewayConfig()
            .Listen("https", "tls", new IPEndPoint(Loopback.NextAddress(), first))
            .Listen("imaps", "tls", new IPEndPoint(Loopback.NextAddress(), second))
            .Passthrough("a", "a.home.test", $"{behind}", ("proxy-protocol", "v1"));
        await using Gateway gateway = await Gateway.StartAsync(config);

        Assert.Equal("one", await gateway.AskAsync("a.home.test"));
        Assert.Equal("two", await gateway.AskAsync("a.home.test", config.EndPoint("imaps")));
    }

    [Fact]
    public async Task An_IPv6_backend_without_a_port_is_met_on_the_port_the_client_connected_to()
    {
        int port = Loopback.NextPort();
        using TestBackend backend = TestBackend.Start("six", at: new IPEndPoint(IPAddress.IPv6Loopback, port));
        await using Gateway gateway = await Gateway.StartAsync(new GatewayConfig()
            .Listen("https", "tls", new IPEndPoint(Loopback.NextAddress(), port))
            .Passthrough("a", "a.home.test", "[::1]", ("proxy-protocol", "v1")));
        Assert.Equal("six", await gateway.AskAsync("a.home.test"));
    }

    [Fact]
    public async Task One_listener_may_have_several_addresses()
    {
        using TestBackend backend = TestBackend.Start("a");
        IPEndPoint v4 = Loopback.NextV4(), v6 = Loopback.NextV6();
        await using Gateway gateway = await Gateway.StartAsync(new GatewayConfig()
            .Listen("https", "tls", v4).Set("listen:https", "address", $"{v4}, {v6}").Passthrough("a", "a.home.test", backend));
        Assert.Equal("a", await gateway.AskAsync("a.home.test", v4));
        Assert.Equal("a", await gateway.AskAsync("a.home.test", v6));
    }

    [Fact]
    public async Task Unknown_nameless_and_foreign_clients_go_where_the_defaults_say()
    {
        using TestBackend unknown = TestBackend.Start("unknown"), nameless = TestBackend.Start("nameless"), ssh = TestBackend.Start("ssh");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https()
            .Default("action", "passthrough:unknown").Default("no-name-action", "passthrough:nameless").Default("not-tls-action", "passthrough:ssh")
            .Passthrough("unknown", null, unknown).Passthrough("nameless", null, nameless).Passthrough("ssh", null, ssh));

        Assert.Equal("unknown", await gateway.AskAsync("whoever.test"));
        using TestClient withoutName = await gateway.ConnectAsync(), foreign = await gateway.ConnectAsync();
        Assert.Equal($"nameless {withoutName.LocalEndPoint}", await withoutName.AskAsync(HelloBytes.WithoutName()));
        Assert.Equal($"ssh {foreign.LocalEndPoint}", await foreign.AskAsync("SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray()));
        foreign.ShutdownSend();
        BackendSession session = await ssh.SessionOfAsync(foreign.LocalEndPoint);
        await session.Finished;
        Assert.Equal("SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray(), session.Payload);
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(foreign.LocalEndPoint);
        Assert.Equal(("passthrough:ssh", "complete", ""), (line.Route, line.End, line.Name));
    }

    [Fact]
    public async Task A_malformed_hello_is_refused_even_where_everything_else_is_forwarded()
    {
        using TestBackend all = TestBackend.Start("all");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https()
            .Default("action", "passthrough:all").Default("no-name-action", "passthrough:all").Default("not-tls-action", "passthrough:all")
            .Passthrough("all", null, all));
        using TestClient client = await gateway.ConnectAsync();
        Assert.Equal("refused 50", await client.AskAsync(Corpus.Hello("pcap-cipherlens1").Bytes));
        Assert.Equal(0, all.Accepted);
    }

    [Fact]
    public async Task A_listener_may_have_actions_of_its_own()
    {
        using TestBackend rest = TestBackend.Start("rest"), special = TestBackend.Start("special");
        GatewayConfig config = new GatewayConfig()
            .Default("action", "passthrough:rest").Default("no-name-action", "passthrough:rest")
            .Listen("https", "tls", Loopback.NextV4())
            .Listen("strict", "tls", Loopback.NextV4(), ("action", "reject"), ("no-name-action", "reject"))
            .Listen("other", "tls", Loopback.NextV4(), ("action", "passthrough:special"), ("not-tls-action", "passthrough:special"))
            .Passthrough("rest", null, rest)
            .Passthrough("special", null, special);
        await using Gateway gateway = await Gateway.StartAsync(config);

        Assert.Equal("rest", await gateway.AskAsync("whoever.test"));
        Assert.Equal("refused 112", await gateway.AskAsync("whoever.test", config.EndPoint("strict")));
        Assert.Equal("special", await gateway.AskAsync("whoever.test", config.EndPoint("other")));
        using TestClient nameless = await TestClient.ConnectAsync(config.EndPoint("strict"));
        Assert.Equal("refused 112", await nameless.AskAsync(HelloBytes.WithoutName()));
        using TestClient foreign = await TestClient.ConnectAsync(config.EndPoint("https"));
        using TestClient welcome = await TestClient.ConnectAsync(config.EndPoint("other"));
        Assert.Equal("closed", await foreign.AskAsync("hello there"u8.ToArray()));
        Assert.Equal($"special {welcome.LocalEndPoint}", await welcome.AskAsync("hello there"u8.ToArray()));
    }
}
