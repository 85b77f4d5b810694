using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>SIGTERM and SIGHUP while connections of the offload room are open.</summary>
public sealed class DrainTests
{
    private const string Name = "app.home.test";

    private static readonly IssuedCertificate Certificate = TestCertificates.Shared.Authority.Issue(Name);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_request_in_flight_is_answered_before_the_gateway_stops(int workers)
    {
        using SemaphoreSlim gate = new(0);
        using HttpBackend backend = HttpBackend.Start("app", HttpScripts.Behind(gate.WaitAsync()));
        await using Gateway gateway = await StartAsync(backend, "60s", workers);
        await using TlsClient h1 = await TlsClient.ConnectAsync(gateway.Https, Name);
        await using H2Client h2 = await H2Client.ConnectAsync(gateway.Https, Name);
        await h1.SendAsync($"GET /bytes/300000 HTTP/1.1\r\nHost: {Name}\r\n\r\n");
        await h2.SendAsync(H2Client.Get(1, Name));
        await backend.NextAsync();
        await backend.NextAsync();

        gateway.Send(Signal.Terminate);
        await Patience.UntilAsync(() => IsClosedAsync(gateway), () => $"the door to close\n{gateway.Log.Tail}");
        Assert.NotNull(await h2.ReadUntilAsync(frame => frame.Type == H2Type.GoAway && frame.Error == H2Error.None));
        Assert.True(gateway.IsAlive);
        gate.Release();
        HttpAnswer answer = await h1.ReadAsync();
        Assert.Equal((200, 300_000, -1L), (answer.Status, answer.Body.Length, new Pattern(HttpScripts.Seed).FirstDifference(0, answer.Body)));
        H2Frame? head = await h2.ReadUntilAsync(frame => frame.Stream == 1);
        Assert.Equal(200, Hpack.StatusOf(head!.Payload));
        Assert.NotNull(await h2.ReadUntilAsync(frame => frame.Stream == 1 && (frame.Flags & H2Frame.EndStream) != 0));
        Assert.True(await h1.EndsAsync());
        Assert.Null(await h2.ReadUntilAsync(_ => false));
        Assert.Equal(0, await gateway.ExitAsync());
        await gateway.AccessLog.RequestsOfAsync(h1.LocalEndPoint, 1);
        Assert.Equal(200, (await gateway.AccessLog.RequestsOfAsync(h2.LocalEndPoint, 1))[0].Status);
    }

    [Fact]
    public async Task Idle_connections_do_not_hold_up_the_stop()
    {
        using HttpBackend backend = HttpBackend.Start("app");
        await using Gateway gateway = await StartAsync(backend, "10m");
        await using TlsClient used = await TlsClient.ConnectAsync(gateway.Https, Name), fresh = await TlsClient.ConnectAsync(gateway.Https, Name);
        await using H2Client h2 = await H2Client.ConnectAsync(gateway.Https, Name);
        Assert.Equal(200, (await used.GetAsync(Name)).Status);
        Assert.Equal(200, await h2.AskAsync(1, Name));
        gateway.Send(Signal.Terminate);
        Assert.Equal(0, await gateway.ExitAsync());
        Assert.True(await used.EndsAsync());
        Assert.Null(await h2.ReadUntilAsync(_ => false));
    }

    [Fact]
    public async Task A_request_that_outlives_the_drain_timeout_is_cut_and_not_mistaken_for_an_answer()
    {
        using SemaphoreSlim gate = new(0);
        using HttpBackend backend = HttpBackend.Start("app", HttpScripts.Behind(gate.WaitAsync()));
        await using Gateway gateway = await StartAsync(backend, "1s");
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {Name}\r\n\r\n");
        await backend.NextAsync();
        gateway.Send(Signal.Terminate);
        Assert.Equal(0, await gateway.ExitAsync());
        Exception? end = await Record.ExceptionAsync(async () => Assert.InRange((await client.ReadAsync()).Status, 500, 599));
        Assert.True(end is null or IOException, $"{end}");
    }

    /// <summary>Sections with other limits have a server of their own: one that a reload let go of is stopped like the others.</summary>
    [Fact]
    public async Task A_request_that_began_before_a_change_of_limits_is_cut_and_logged_like_any_other()
    {
        using SemaphoreSlim gate = new(0);
        using HttpBackend backend = HttpBackend.Start("app", HttpScripts.Behind(gate.WaitAsync()));
        GatewayConfig config = GatewayConfig.Https().Gateway("drain-timeout", "1s").Offload("app", Name, backend, Certificate, ("max-streams", "7"));
        await using Gateway gateway = await Gateway.StartAsync(config);
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {Name}\r\n\r\n");
        await backend.NextAsync();
        await gateway.ReloadAsync(config.Set("offload:app", "max-streams", "8").Offload("new", "new.home.test", backend, Certificate));
        await Patience.UntilAsync(() => gateway.Log.Tail.Contains("reloaded", StringComparison.Ordinal), () => $"the reload\n{gateway.Log.Tail}");
        gateway.Send(Signal.Terminate);
        Assert.Equal(0, await gateway.ExitAsync());
        await gateway.AccessLog.RequestsOfAsync(client.LocalEndPoint, 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Open_connections_go_on_over_a_reload_and_follow_the_new_configuration(int workers)
    {
        using HttpBackend old = HttpBackend.Start("old"), fresh = HttpBackend.Start("fresh");
        GatewayConfig config = GatewayConfig.Https(workers).Offload("app", Name, old, Certificate);
        await using Gateway gateway = await Gateway.StartAsync(config);
        await using TlsClient h1 = await TlsClient.ConnectAsync(gateway.Https, Name);
        await using H2Client h2 = await H2Client.ConnectAsync(gateway.Https, Name);
        Assert.Equal("old /\n", (await h1.GetAsync(Name)).Text);
        await h2.SendAsync(H2Client.Get(1, Name));
        Assert.Equal((200, "old /\n"), await h2.AnswerAsync(1));

        await gateway.ReloadAsync(config.Without("offload:app").Offload("app", Name, fresh, Certificate, ("header.X-Reloaded", "yes")));
        await Patience.UntilAsync(async () => (await h1.GetAsync(Name)).Text == "fresh /\n", () => $"the reload\n{gateway.Log.Tail}");
        Assert.Equal("yes", (await h1.GetAsync(Name)).Head.Value("X-Reloaded"));
        await h2.SendAsync(H2Client.Get(3, Name));
        Assert.Equal((200, "fresh /\n"), await h2.AnswerAsync(3));

        // A section that is gone is no longer served, on whatever connection.
        await gateway.ReloadAsync(config.Without("offload:app").Offload("other", "other.home.test", fresh, Certificate));
        await Patience.UntilAsync(async () => (await h1.GetAsync(Name)).Status is 404 or 421, () => $"the second reload\n{gateway.Log.Tail}");
        Assert.Contains(await h2.AskAsync(5, Name), new[] { 404, 421 });
    }

    [Fact]
    public async Task A_reload_with_another_certificate_or_client_ca_does_not_serve_connections_made_under_the_old_one()
    {
        using HttpBackend backend = HttpBackend.Start("app");
        GatewayConfig config = GatewayConfig.Https().Offload("app", Name, backend, Certificate);
        await using Gateway gateway = await Gateway.StartAsync(config);
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        Assert.Equal(200, (await client.GetAsync(Name)).Status);
        await gateway.ReloadAsync(config.Set("offload:app", "client-ca", TestCertificates.Shared.AuthorityPath));
        await Patience.UntilAsync(async () => (await client.GetAsync(Name)).Status == 421, () => $"the reload\n{gateway.Log.Tail}");
        await ClientCertificateTests.AssertRefusedAsync(gateway.Https, new TlsWish(Name), Name);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Reloads_under_a_stream_of_requests_fail_none(int workers)
    {
        using HttpBackend backend = HttpBackend.Start("app");
        GatewayConfig config = GatewayConfig.Https(workers).Offload("app", Name, backend, Certificate);
        await using Gateway gateway = await Gateway.StartAsync(config);
        using CancellationTokenSource stop = new(TimeSpan.FromSeconds(Scale.Of(4, 60)));
        Task<int>[] streams = [.. Enumerable.Range(0, 4).Select(number => AskOnAsync(gateway, isKeptAlive: number % 2 == 0, stop.Token))];
        for (int reload = 0; !stop.IsCancellationRequested; reload++)
        {
            config.Without("offload:extra");
            await gateway.ReloadAsync(reload % 2 == 0 ? config.Offload("extra", "extra.home.test", backend, Certificate) : config);
            await Task.Delay(200);
        }
        Assert.True((await Task.WhenAll(streams)).Sum() > 40);
        gateway.AssertAlive();
    }

    private static async Task<int> AskOnAsync(Gateway gateway, bool isKeptAlive, CancellationToken stop)
    {
        int asked = 0;
        TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        for (; !stop.IsCancellationRequested; asked++)
        {
            Assert.Equal("app /\n", (await client.GetAsync(Name)).Text);
            if (!isKeptAlive)
            {
                await client.DisposeAsync();
                client = await TlsClient.ConnectAsync(gateway.Https, Name);
            }
            await Task.Delay(5, CancellationToken.None);
        }
        await client.DisposeAsync();
        return asked;
    }

    private static Task<Gateway> StartAsync(HttpBackend backend, string drainTimeout, int workers = 1) => Gateway.StartAsync(
        GatewayConfig.Https(workers).Gateway("drain-timeout", drainTimeout).Offload("app", Name, backend, Certificate));

    private static async Task<bool> IsClosedAsync(Gateway gateway)
    {
        try
        {
            (await gateway.ConnectAsync()).Dispose();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
