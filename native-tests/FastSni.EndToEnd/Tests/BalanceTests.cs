using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Several servers of one section share the load.</summary>
public sealed class BalanceTests
{
    [Fact]
    public async Task Round_robin_takes_the_servers_in_turn()
    {
        await using Stage stage = await Stage.StartAsync("round-robin");
        List<string> answers = [];
        for (int run = 0; run < 9; run++)
            answers.Add(await stage.Gateway.AskAsync("a.home.test"));
        Assert.All(answers.GroupBy(name => name), group => Assert.Equal(3, group.Count()));
        Assert.Equal(answers[..3], answers[3..6]);
    }

    [Fact]
    public async Task Round_robin_over_two_workers_still_spreads_evenly_in_the_long_run()
    {
        await using Stage stage = await Stage.StartAsync("round-robin", workers: 2);
        List<string> answers = [];
        for (int run = 0; run < 60; run++)
            answers.Add(await stage.Gateway.AskAsync("a.home.test"));
        Assert.All(answers.GroupBy(name => name), group => Assert.InRange(group.Count(), 15, 25));
    }

    [Fact]
    public async Task Least_connections_prefers_the_server_with_the_fewest_sessions()
    {
        await using Stage stage = await Stage.StartAsync("least-connections");
        List<TestClient> held = [];
        Dictionary<string, int> load = [];
        // Nine sessions that stay: three each. Then those of one server end, and it is its turn until it has caught up.
        for (int run = 0; run < 9; run++)
            held.Add(await HoldAsync(stage, load));
        Assert.Equal([3, 3, 3], load.Values);

        string emptied = load.Keys.First();
        foreach (TestClient client in held.Where(client => stage.Server(emptied).HasMet(client.LocalEndPoint)))
        {
            client.Dispose();
            await stage.Gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        }
        load[emptied] = 0;
        for (int run = 0; run < 3; run++)
            held.Add(await HoldAsync(stage, load));
        Assert.Equal([3, 3, 3], load.Values);
        held.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Source_sends_a_client_address_to_the_same_server_always()
    {
        await using Stage stage = await Stage.StartAsync("source", workers: 2);
        IPAddress[] clients = [.. Enumerable.Range(0, 24).Select(_ => Loopback.NextAddress())];
        Dictionary<IPAddress, string> first = [];
        foreach (IPAddress client in clients)
            first[client] = await stage.Gateway.AskAsync("a.home.test", from: client);
        Assert.Equal(3, first.Values.Distinct().Count());
        foreach (IPAddress client in clients)
            Assert.Equal(first[client], await stage.Gateway.AskAsync("a.home.test", from: client));
    }

    [Fact]
    public async Task Two_gateways_with_the_same_file_agree_on_a_sources_server()
    {
        await using Stage stage = await Stage.StartAsync("source");
        GatewayConfig same = stage.Configure(GatewayConfig.Https());
        await using Gateway twin = await Gateway.StartAsync(same);
        foreach (IPAddress client in Enumerable.Range(0, 16).Select(_ => Loopback.NextAddress()))
            Assert.Equal(await stage.Gateway.AskAsync("a.home.test", from: client), await twin.AskAsync("a.home.test", from: client));
    }

    private static async Task<TestClient> HoldAsync(Stage stage, Dictionary<string, int> load)
    {
        TestClient client = await stage.Gateway.ConnectAsync();
        string name = (await client.AskAsync("a.home.test")).Split(' ')[0];
        load[name] = load.GetValueOrDefault(name) + 1;
        return client;
    }

    private sealed class Stage : IAsyncDisposable
    {
        private readonly TestBackend[] _servers = [.. new[] { "one", "two", "three" }.Select(name => TestBackend.Start(name))];
        private readonly string _balance;
        private Gateway? _gateway;

        private Stage(string balance) => _balance = balance;

        public Gateway Gateway => _gateway!;

        public static async Task<Stage> StartAsync(string balance, int workers = 1)
        {
            Stage stage = new(balance);
            stage._gateway = await Gateway.StartAsync(stage.Configure(GatewayConfig.Https(workers)));
            return stage;
        }

        public GatewayConfig Configure(GatewayConfig config) => config.Passthrough(
            "a", "a.home.test", string.Join(", ", _servers.Select(server => server.Address)), ("proxy-protocol", "v1"), ("balance", _balance));

        public TestBackend Server(string name) => _servers.Single(server => server.Name == name);

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            foreach (TestBackend server in _servers)
                server.Dispose();
        }
    }
}
