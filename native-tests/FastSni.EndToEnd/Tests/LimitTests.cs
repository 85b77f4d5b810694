using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Each limit at one less, at its number and at one more: the reason, the count, the message, and room again afterwards.</summary>
public sealed class LimitTests
{
    private const int Limit = 4;

    // Of the program's log.
    private const string HouseFull = "connection limit of 4 reached", HellosFull = "limit of 4 clients without a whole hello reached",
        ClientFull = "a limit of each client reached by";

    [Theory]
    [InlineData("max-connections", false, "connection-limit", HouseFull)]
    [InlineData("max-connections-per-client", true, "client-limit", ClientFull)]
    public async Task So_many_sessions_are_served_and_the_next_is_refused_counted_and_told(string key, bool isOneClient, string reason, string message)
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await StartAsync(backend, key);
        IPAddress? from = isOneClient ? Loopback.NextAddress() : null;
        List<TestClient> held = [];
        for (int number = 0; number < Limit; number++)
            held.Add(await ServedAsync(gateway, from));
        Assert.Equal((Limit, 0), await CountedAsync(gateway, reason));

        using TestClient next = await gateway.ConnectAsync(from);
        await AssertRefusedAsync(gateway, next, HelloBytes.For("a.home.test"), reason);
        Assert.Equal((Limit, 1), await CountedAsync(gateway, reason));
        await gateway.Log.LineWithAsync(message);

        held[0].Dispose();
        await gateway.AccessLog.LineOfAsync(held[0].LocalEndPoint);
        using TestClient again = await ServedAsync(gateway, from);
        held.ForEach(client => client.Dispose());
    }

    [Theory]
    [InlineData("max-pending-hellos", false, "connection-limit", HellosFull)]
    [InlineData("max-pending-hellos-per-client", true, "client-limit", ClientFull)]
    public async Task So_many_unfinished_hellos_are_waited_for_and_the_next_is_refused_counted_and_told(
        string key, bool isOneClient, string reason, string message)
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await StartAsync(backend, key);
        byte[] hello = HelloBytes.For("a.home.test");
        IPAddress? from = isOneClient ? Loopback.NextAddress() : null;
        List<TestClient> pending = [];
        for (int number = 0; number < Limit; number++)
        {
            pending.Add(await gateway.ConnectAsync(from));
            await pending[^1].SendAsync(hello.AsMemory(0, 20));
        }
        await Patience.UntilAsync(async () => (await GatewayStatus.OfAsync(gateway)).PendingHellos == Limit, () => "the hellos to be waited for");

        using TestClient next = await gateway.ConnectAsync(from);
        await AssertRefusedAsync(gateway, next, hello[..20], reason);
        Assert.Equal((Limit, 1), await CountedAsync(gateway, reason));
        await gateway.Log.LineWithAsync(message);
        // A hello that comes whole was never waited for.
        (await ServedAsync(gateway, from)).Dispose();

        await pending[0].SendAsync(hello.AsMemory(20));
        Assert.Equal($"a {pending[0].LocalEndPoint}", await pending[0].ReceiveAnswerAsync());
        using TestClient again = await gateway.ConnectAsync(from);
        await again.SendAsync(hello.AsMemory(0, 20));
        await Patience.UntilAsync(async () => (await GatewayStatus.OfAsync(gateway)).PendingHellos == Limit, () => "the place to be taken again");
        Assert.Equal(1, (await GatewayStatus.OfAsync(gateway)).Ended(reason));
        pending.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task An_IPv6_network_of_64_bits_is_one_client_also_behind_a_proxy()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend)
            .Gateway("max-connections-per-client", $"{Limit}").Gateway("trusted-proxies", "127.0.0.0/8").Set("listen:https", "accept-proxy", "require"));
        List<TestClient> held = [];
        for (int number = 1; number <= Limit; number++)
            held.Add(await ProxiedAsync(gateway, $"2001:db8:0:7::{number}", isServed: true));
        held.Add(await ProxiedAsync(gateway, "2001:db8:0:7:ffff::9", isServed: false));
        held.Add(await ProxiedAsync(gateway, "2001:db8:0:8::1", isServed: true));
        Assert.Equal((Limit + 1, 1), await CountedAsync(gateway, "client-limit"));
        await gateway.Log.LineWithAsync($"{ClientFull} [2001:db8:0:7:ffff::9]");
        held.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task So_many_new_sessions_a_second_are_served_and_the_next_are_refused_counted_and_told()
    {
        const int Comers = 20;
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await StartAsync(backend, "max-new-sessions-per-client");
        IPAddress from = Loopback.NextAddress();
        TestClient[] clients = await Task.WhenAll(Enumerable.Range(0, Comers).Select(_ => gateway.ConnectAsync(from)));
        string[] answers = await Task.WhenAll(clients.Select(client => client.AskAsync("a.home.test")));
        int served = answers.Count(answer => answer.StartsWith("a ", StringComparison.Ordinal));
        // On a busy machine the burst may last some seconds.
        Assert.InRange(served, Limit, Comers - 1);
        Assert.Equal((served, Comers - served), await CountedAsync(gateway, "client-limit"));
        await gateway.Log.LineWithAsync(ClientFull);
        Assert.Equal("a", await gateway.AskAsync("a.home.test"));

        await Task.Delay(TimeSpan.FromSeconds(1.1));
        (await ServedAsync(gateway, from)).Dispose();
        foreach (TestClient client in clients)
            client.Dispose();
    }

    [Fact]
    public async Task A_hello_of_so_many_bytes_is_routed_and_one_of_a_byte_more_is_refused_and_counted()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Gateway("hello-limit", "4k").Passthrough("a", "a.home.test", backend));
        foreach (int bytes in new[] { 4095, 4096 })
        {
            using TestClient within = await gateway.ConnectAsync();
            Assert.Equal($"a {within.LocalEndPoint}", await within.AskAsync(HelloBytes.OfSize("a.home.test", bytes)));
        }
        using TestClient beyond = await gateway.ConnectAsync();
        Assert.Equal("refused 50", await beyond.AskAsync(HelloBytes.OfSize("a.home.test", 4097)));
        Assert.Equal("hello-too-large", await gateway.AccessLog.EndOfAsync(beyond.LocalEndPoint));
        Assert.Equal(1, (await GatewayStatus.OfAsync(gateway)).Ended("hello-too-large"));
    }

    private static Task<Gateway> StartAsync(TestBackend backend, string key) => Gateway.StartAsync(
        GatewayConfig.Https().Gateway("hello-timeout", "60s").Gateway(key, $"{Limit}").Passthrough("a", "a.home.test", backend));

    private static async Task<TestClient> ServedAsync(Gateway gateway, IPAddress? from)
    {
        TestClient client = await gateway.ConnectAsync(from);
        Assert.Equal($"a {client.LocalEndPoint}", await client.AskAsync("a.home.test"));
        return client;
    }

    private static async Task<TestClient> ProxiedAsync(Gateway gateway, string address, bool isServed)
    {
        TestClient client = await gateway.ConnectAsync();
        await client.SendAsync($"PROXY TCP6 {address} 2001:db8::1 40000 443\r\n");
        string answer = await client.AskAsync("a.home.test");
        Assert.Equal(isServed, answer == $"a [{address}]:40000");
        return client;
    }

    private static async Task AssertRefusedAsync(Gateway gateway, TestClient client, byte[] hello, string reason)
    {
        await client.TrySendAsync(hello);
        Transcript answer = await client.ReceiveToEndAsync();
        Assert.NotEqual(Ending.Open, answer.Ending);
        Assert.Empty(answer.Bytes);
        Assert.Equal(reason, await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
    }

    private static async Task<(int Sessions, int Refused)> CountedAsync(Gateway gateway, string reason)
    {
        GatewayStatus status = await GatewayStatus.OfAsync(gateway);
        return (status.Sessions, (int)status.Ended(reason));
    }
}
