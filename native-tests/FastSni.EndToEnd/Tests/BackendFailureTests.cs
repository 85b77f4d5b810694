using System.Diagnostics;
using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Backends that refuse, keep silent, or hang up; and the next server that stands in.</summary>
public sealed class BackendFailureTests
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_backend_that_refuses_ends_the_client_at_once()
    {
        IPEndPoint nobody = Loopback.NextV4();
        await using Gateway gateway = await StartAsync($"{nobody}");
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For("a.home.test"));
        Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Equal(("connect-refused", nobody.ToString(), 0L), (line.End, line.Backend, line.Up));
        Assert.True(line.Duration < ConnectTimeout, $"{line.Duration}");
        Assert.Null(line.Connect);
    }

    [Fact]
    public async Task A_unix_socket_nobody_listens_on_counts_as_refused()
    {
        await using Gateway gateway = await StartAsync("unix:/nonexistent/fastsni-e2e.sock");
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For("a.home.test"));
        Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
        Assert.Equal("connect-refused", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
    }

    [Fact]
    public async Task A_backend_that_does_not_answer_ends_the_client_at_the_connect_timeout()
    {
        using UnresponsiveServer silent = await UnresponsiveServer.StartAsync();
        await using Gateway gateway = await StartAsync($"{silent.EndPoint}");
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For("a.home.test"));
        Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Equal("connect-timeout", line.End);
        Assert.InRange(line.Duration, ConnectTimeout, ConnectTimeout + TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task A_backend_that_accepts_and_closes_ends_the_client_at_once()
    {
        using TestBackend backend = TestBackend.Start("a", _ => Task.CompletedTask);
        await using Gateway gateway = await StartAsync(backend.Address);
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For("a.home.test"));
        Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
        client.Dispose();
        Assert.Contains(await gateway.AccessLog.EndOfAsync(client.LocalEndPoint), new[] { "complete", "backend-reset", "client-reset" });
        Assert.Equal(1, backend.Accepted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_next_server_stands_in_for_one_that_refuses_and_gets_the_hello_once(int workers)
    {
        using TestBackend backend = TestBackend.Start("second");
        await using Gateway gateway = await StartAsync($"{Loopback.NextV4()}, {backend.Address}", workers);
        byte[] hello = HelloBytes.For("a.home.test");
        for (int run = 0; run < 10; run++)
            await AssertServedAsync(gateway, backend, hello);
    }

    [Fact]
    public async Task The_next_server_stands_in_for_one_that_does_not_answer()
    {
        using UnresponsiveServer silent = await UnresponsiveServer.StartAsync();
        using TestBackend backend = TestBackend.Start("second");
        await using Gateway gateway = await StartAsync($"{silent.EndPoint}, {backend.Address}");
        await AssertServedAsync(gateway, backend, HelloBytes.For("a.home.test"));
        await AssertServedAsync(gateway, backend, HelloBytes.For("a.home.test"));
    }

    [Fact]
    public async Task A_client_that_leaves_while_the_backend_is_being_connected_holds_nothing_back()
    {
        using UnresponsiveServer silent = await UnresponsiveServer.StartAsync();
        await using Gateway gateway = await StartAsync($"{silent.EndPoint}");
        int descriptors = gateway.Facts.Descriptors;
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For("a.home.test"));
        await Task.Delay(200);
        client.Abort();
        Assert.Contains(await gateway.AccessLog.EndOfAsync(client.LocalEndPoint), new[] { "client-reset", "connect-timeout" });
        await gateway.Facts.DescriptorsBackToAsync(descriptors);
    }

    [Fact]
    public async Task A_server_that_failed_is_left_out_for_a_while()
    {
        using UnresponsiveServer silent = await UnresponsiveServer.StartAsync();
        using TestBackend backend = TestBackend.Start("second");
        await using Gateway gateway = await StartAsync($"{silent.EndPoint}, {backend.Address}");
        // However many failures it takes to be marked: these are enough.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => gateway.AskAsync("a.home.test")));

        long start = Stopwatch.GetTimestamp();
        for (int run = 0; run < 4; run++)
            Assert.Equal("second", await gateway.AskAsync("a.home.test"));
        // Unmarked, round-robin would have met the silent server twice, a whole timeout each.
        Assert.True(Stopwatch.GetElapsedTime(start) < ConnectTimeout, $"four sessions took {Stopwatch.GetElapsedTime(start)}");
    }

    [Fact]
    public async Task A_server_that_comes_back_is_used_again()
    {
        IPEndPoint place = Loopback.NextV4();
        using TestBackend second = TestBackend.Start("second");
        await using Gateway gateway = await StartAsync($"{place}, {second.Address}");
        for (int run = 0; run < 4; run++)
            Assert.Equal("second", await gateway.AskAsync("a.home.test"));
        using TestBackend first = TestBackend.Start("first", at: place);
        await Patience.UntilAsync(
            async () => await gateway.AskAsync("a.home.test") == "first", () => "the first server to be used again", TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_lone_server_that_failed_is_still_tried()
    {
        IPEndPoint place = Loopback.NextV4();
        await using Gateway gateway = await StartAsync($"{place}");
        for (int run = 0; run < 5; run++)
            Assert.NotEqual("a", await gateway.AskAsync("a.home.test"));
        using TestBackend backend = TestBackend.Start("a", at: place);
        await Patience.UntilAsync(
            async () => await gateway.AskAsync("a.home.test") == "a", () => "the lone server to be used again", TimeSpan.FromSeconds(60));
    }

    private static Task<Gateway> StartAsync(string servers, int workers = 1) => Gateway.StartAsync(GatewayConfig.Https(workers)
        .Gateway("connect-timeout", "2s")
        .Passthrough("a", "a.home.test", servers, ("proxy-protocol", "v1")));

    private static async Task AssertServedAsync(Gateway gateway, TestBackend backend, byte[] hello)
    {
        using TestClient client = await gateway.ConnectAsync();
        Assert.Equal($"{backend.Name} {client.LocalEndPoint}", await client.AskAsync(hello));
        client.ShutdownSend();
        BackendSession session = await backend.SessionOfAsync(client.LocalEndPoint);
        await session.Finished;
        Assert.Equal(hello, session.Payload);
        Assert.Equal(backend.Address, (await gateway.AccessLog.LineOfAsync(client.LocalEndPoint)).Backend);
    }
}
