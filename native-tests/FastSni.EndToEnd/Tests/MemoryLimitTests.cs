using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>The memory limit of the gateway's cgroup comes near.</summary>
[Collection(Alone.Name)]
public sealed class MemoryLimitTests
{
    private const long Mebibyte = 1 << 20, BallastBytes = 160 * Mebibyte;

    [SkippableFact]
    public async Task From_nine_tenths_of_the_memory_on_new_clients_are_refused_and_sessions_go_on()
    {
        using MemoryCgroup cgroup = MemoryCgroup.Create();
        cgroup.LimitBytes = 512 * Mebibyte;
        await cgroup.FillAsync(BallastBytes);
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync);
        await using Gateway gateway = await Gateway.StartUnderAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend), _ => cgroup.Entry);
        byte[] hello = HelloBytes.For("a.home.test");
        using TestClient guest = await gateway.ConnectAsync();
        await guest.SendAsync(hello);
        await guest.ReceiveExactlyAsync(hello.Length);

        // The collector answers want of memory by giving some back: the limit follows until it is passed for good.
        await Patience.UntilAsync(
            async () =>
            {
                cgroup.LimitBytes = cgroup.UsedBytes * 100 / 95;
                await Task.Delay(300);
                return gateway.Log.Lines.Any(line => line.Contains("memory is short: ", StringComparison.Ordinal));
            },
            () => $"memory to be short\n{gateway.Log.Tail}");
        int refused = 0;
        await Patience.UntilAsync(
            async () =>
            {
                cgroup.LimitBytes = cgroup.UsedBytes * 100 / 95;
                using TestClient comer = await gateway.ConnectAsync();
                await comer.TrySendAsync(hello);
                Transcript answer = await comer.ReceiveToEndAsync(TimeSpan.FromMilliseconds(300));
                refused += answer.Bytes.Length == 0 && answer.Ending != Ending.Open ? 1 : 0;
                return refused >= 20;
            },
            () => $"clients to be refused, {refused} were");
        await guest.SendAsync("still here");
        await guest.ReceiveExactlyAsync("still here".Length);
        GatewayStatus status = await GatewayStatus.OfAsync(gateway);
        Assert.InRange(status.Counter("memory-refused"), 20, long.MaxValue);
        Assert.InRange(status.Ended("connection-limit"), 20, long.MaxValue);

        cgroup.LimitBytes = 512 * Mebibyte;
        await gateway.Log.LineWithAsync("memory is enough again");
        using TestClient next = await gateway.ConnectAsync();
        await next.SendAsync(hello);
        await next.ReceiveExactlyAsync(hello.Length);
        gateway.AssertAlive();
    }

    [SkippableFact]
    public async Task Clients_that_fill_the_memory_are_refused_before_the_kernel_kills_the_gateway()
    {
        using MemoryCgroup cgroup = MemoryCgroup.Create();
        cgroup.LimitBytes = 512 * Mebibyte;
        await cgroup.FillAsync(BallastBytes);
        int comers = Scale.Of(1_500, 4_000);
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await Gateway.StartUnderAsync(HttpRooms.Config(backend.Url), _ => cgroup.Entry);
        using WireClient guest = await gateway.EnterAsync(HttpRoom.Offload);
        Assert.Equal(200, (await guest.GetAsync(HttpRooms.SiteName)).Status);

        cgroup.LimitBytes = cgroup.UsedBytes + (32 * Mebibyte);
        List<WireClient> inside = [];
        int refused = 0;
        while (inside.Count < comers && refused < 10)
        {
            try
            {
                inside.Add(await gateway.EnterAsync(HttpRoom.Offload));
            }
            catch (Exception closed) when (closed is IOException or System.Net.Sockets.SocketException)
            {
                refused++;
            }
        }
        gateway.AssertAlive();
        Assert.True(refused == 10, $"{inside.Count} clients came in, and the memory was still enough: {cgroup.UsedBytes} bytes used");
        Assert.Equal(200, (await guest.GetAsync(HttpRooms.SiteName)).Status);
        Assert.InRange((await GatewayStatus.OfAsync(gateway)).Counter("memory-refused"), 10, long.MaxValue);

        inside.ForEach(client => client.Dispose());
        cgroup.LimitBytes = 512 * Mebibyte;
        await gateway.Log.LineWithAsync("memory is enough again");
        Assert.Equal(200, (await gateway.GetAsync(HttpRoom.Offload)).Status);
    }
}
