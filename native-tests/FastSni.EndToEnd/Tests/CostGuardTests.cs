using FastSni.EndToEnd.Harness;
using Xunit.Abstractions;

namespace FastSni.EndToEnd.Tests;

/// <summary>
/// Speed cannot be tested, but what it is made of can: the system calls of a unit of work, compared with native-tests/costs.ini. On what is passed through
/// the figures are exact; the HTTP rooms and bulk depend on what happens at the same time, and have wider margins.
/// </summary>
[Collection(Alone.Name)]
public sealed class CostGuardTests(ITestOutputHelper output)
{
    private const int Connections = 50, RoundTrips = 200, Megabytes = 200, Requests = 200, NewConnections = 40;

    [SkippableFact]
    public async Task A_connection_that_its_client_ends()
    {
        await using CostStage stage = await CostStage.OpenAsync();
        await CountAsync("client ends first", stage.Gateway, Connections, () => stage.Visit(clientEndsFirst: true));
    }

    [SkippableFact]
    public async Task A_connection_that_its_backend_ends()
    {
        await using CostStage stage = await CostStage.OpenAsync();
        await CountAsync("backend ends first", stage.Gateway, Connections, () => stage.Visit(clientEndsFirst: false));
    }

    [SkippableFact]
    public async Task A_connection_with_a_PROXY_header()
    {
        await using CostStage stage = await CostStage.OpenAsync(("proxy-protocol", "v2"));
        await CountAsync("PROXY v2", stage.Gateway, Connections, () => stage.Visit(clientEndsFirst: true, headerBytes: 28));
    }

    [SkippableFact]
    public async Task A_connection_whose_hello_comes_in_two_segments()
    {
        await using CostStage stage = await CostStage.OpenAsync();
        await CountAsync("hello in two segments", stage.Gateway, Connections, () => stage.Visit(clientEndsFirst: true, helloPieces: 2));
    }

    [SkippableFact]
    public async Task A_round_trip_of_64_bytes()
    {
        await using CostStage stage = await CostStage.OpenAsync();
        await CountAsync("64 B round trip", stage.Gateway, 1, () => stage.Talk(RoundTrips, 64), RoundTrips);
    }

    [SkippableFact]
    public async Task A_megabyte_of_bulk()
    {
        await using CostStage stage = await CostStage.OpenAsync();
        await CheckAsync("MB of bulk", stage.Gateway, () => stage.PourAsync(Megabytes), Megabytes, isExact: false);
    }

    [SkippableFact]
    public async Task A_request_on_a_kept_TLS_connection()
    {
        using HttpBackend backend = HttpBackend.Start("app");
        await using Gateway gateway = await Gateway.StartAsync(Rooms(backend));
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, CostStage.Name);
        await CheckAsync("https request", gateway, async () =>
        {
            for (int i = 0; i < Requests; i++)
                Assert.Equal(200, (await client.GetAsync(CostStage.Name)).Status);
        }, Requests, isExact: false);
    }

    [SkippableFact]
    public async Task A_new_TLS_connection_with_one_request()
    {
        using HttpBackend backend = HttpBackend.Start("app");
        await using Gateway gateway = await Gateway.StartAsync(Rooms(backend));
        await AskAsync();
        await CheckAsync("https connection", gateway, async () =>
        {
            for (int i = 0; i < NewConnections; i++)
                await AskAsync();
        }, NewConnections, isExact: false);

        async Task AskAsync() => Assert.Null(await House.ExpectAsync("app /\n", TextAsync()));

        async Task<string> TextAsync()
        {
            await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, CostStage.Name);
            return (await client.GetAsync(CostStage.Name)).Text;
        }
    }

    [SkippableFact]
    public async Task A_redirect_on_port_80()
    {
        using HttpBackend backend = HttpBackend.Start("app");
        await using Gateway gateway = await Gateway.StartAsync(Rooms(backend));
        await AskAsync();
        await CheckAsync("redirect", gateway, async () =>
        {
            for (int i = 0; i < NewConnections; i++)
                await AskAsync();
        }, NewConnections, isExact: false);

        async Task AskAsync()
        {
            using TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint("http"));
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: {CostStage.Name}\r\nConnection: close\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 301 ", (await client.ReceiveToEndAsync()).Text, StringComparison.Ordinal);
        }
    }

    private static GatewayConfig Rooms(HttpBackend backend) => GatewayConfig.Https().Gateway("access-log", "off").Listen("http", "http", Loopback.NextV4())
        .Offload("app", CostStage.Name, backend, TestCertificates.Shared.Authority.Issue(CostStage.Name));

    /// <summary>Moves that cost the same each time; the first time, when what is lazy is made, is not counted.</summary>
    private Task CountAsync(string kind, Gateway gateway, int times, Action move, int unitsATime = 1)
    {
        move();
        return CheckAsync(kind, gateway, () =>
        {
            for (int i = 0; i < times; i++)
                move();
            return Task.CompletedTask;
        }, times * unitsATime, isExact: true);
    }

    private Task CheckAsync(string kind, Gateway gateway, Func<Task> work, int units, bool isExact) => CostBook.CheckAsync($"system calls: {kind}",
        async () => (await Strace.CountAsync(gateway, work)).ToDictionary(call => call.Key, call => (double)call.Value / units), isExact, output);
}
