using System.Diagnostics;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Few descriptors, and none at all.</summary>
[Collection(Alone.Name)]
public sealed class DescriptorLimitTests
{
    private const int Descriptors = 256, Clients = 400;

    [SkippableFact]
    public async Task With_256_descriptors_400_clients_are_served_or_closed_at_once_and_there_is_room_again_when_they_leave()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartUnderAsync(
            GatewayConfig.Https(workers: 2).Passthrough("a", "a.home.test", backend), _ => Confinement.Descriptors(Descriptors));
        int sessionsMax = (await GatewayStatus.OfAsync(gateway)).SessionsMax;
        Assert.InRange(sessionsMax, 60, 96);
        long start = Stopwatch.GetTimestamp();
        TestClient[] clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => gateway.ConnectAsync()));
        string[] answers = await Task.WhenAll(clients.Select(client => client.AskAsync("a.home.test")));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds + 2;

        Assert.Equal(sessionsMax, answers.Count(answer => answer.StartsWith("a ", StringComparison.Ordinal)));
        Assert.Equal(Clients - sessionsMax, answers.Count(answer => answer is "closed" or "reset"));
        // Under 10 % of a core.
        await gateway.Facts.AssertRestsAsync(ticks: 10, TimeSpan.FromSeconds(1));
        GatewayStatus full = await GatewayStatus.OfAsync(gateway);
        Assert.Equal(((long)Clients - sessionsMax, 0), (full.Ended("connection-limit"), full.Ended("error")));
        Assert.InRange(gateway.Log.Lines.Count(line => line.Contains("connection limit of", StringComparison.Ordinal)), 1, 2 * seconds);

        foreach (TestClient client in clients)
            client.Dispose();
        await AssertServesWithinAsync(gateway, TimeSpan.FromSeconds(5));
    }

    [SkippableFact]
    public async Task Bulk_takes_no_descriptor_that_a_session_needs()
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.HoldAsync, proxy: false);
        await using Gateway gateway = await Gateway.StartUnderAsync(
            GatewayConfig.Https().Gateway("max-connections", "1000").Passthrough("a", "a.home.test", backend), _ => Confinement.Descriptors(Descriptors));
        int sessionsMax = (await GatewayStatus.OfAsync(gateway)).SessionsMax;
        byte[] bulk = [.. HelloBytes.For("a.home.test"), .. new byte[1 << 20]];
        List<TestClient> clients = [];
        for (int number = 0; number < sessionsMax; number++)
        {
            TestClient client = await gateway.ConnectAsync();
            clients.Add(client);
            // The backend reads nothing, so that each session comes to hold what it can.
            client.Socket.SendTimeout = 1;
            _ = client.TrySendAsync(bulk);
        }
        await Patience.UntilAsync(() => backend.Accepted == sessionsMax, () => $"{sessionsMax} sessions at the backend, there are {backend.Accepted}");
        await Task.Delay(300);
        GatewayStatus status = await GatewayStatus.OfAsync(gateway);
        Assert.Equal((sessionsMax, 0L, 0L), (status.Sessions, status.Ended("error"), status.Counter("accept-pauses")));
        Assert.InRange(gateway.Facts.Descriptors, 2 * sessionsMax, Descriptors - 8);
        clients.ForEach(client => client.Dispose());
    }

    [SkippableTheory]
    [InlineData("EMFILE")]
    [InlineData("ENFILE")]
    [InlineData("ENOMEM")]
    [InlineData("ENOBUFS")]
    public async Task Where_nobody_can_be_accepted_accepting_pauses_and_goes_on_later(string error)
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync);
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        byte[] hello = HelloBytes.For("a.home.test");
        using TestClient guest = await gateway.ConnectAsync();
        await guest.SendAsync(hello);
        await guest.ReceiveExactlyAsync(hello.Length);

        List<TestClient> waiting = [];
        await using (Strace strace = await Strace.AttachAsync(gateway, $"accept4:error={error}"))
        {
            for (int number = 0; number < 20; number++)
            {
                waiting.Add(await gateway.ConnectAsync());
                await waiting[^1].SendAsync(hello);
            }
            await gateway.Log.LineWithAsync("out of descriptors or memory: accepting pauses");
            long ticks = gateway.Facts.CpuTicks;
            await Task.Delay(1_000);
            Assert.InRange(gateway.Facts.CpuTicks - ticks, 0, 20);
            // Ten looks a second, and a queue is not tried twice in one.
            Assert.InRange(strace.Injected, 1, 60);
            await guest.SendAsync("inside");
            await guest.ReceiveExactlyAsync("inside".Length);
        }
        foreach (TestClient client in waiting)
        {
            Assert.Equal(hello, await client.ReceiveExactlyAsync(hello.Length));
            client.Dispose();
        }
        GatewayStatus status = await GatewayStatus.OfAsync(gateway);
        Assert.InRange(status.Counter("accept-pauses"), 1, long.MaxValue);
        Assert.InRange(gateway.Log.Lines.Count(line => line.Contains("accepting pauses", StringComparison.Ordinal)), 1, 6);
    }

    [SkippableTheory]
    [InlineData("EMFILE")]
    [InlineData("ENFILE")]
    [InlineData("ENOMEM")]
    public async Task Where_no_backend_socket_can_be_had_that_session_ends_with_error_and_the_others_go_on(string error)
    {
        const int Clients = 30;
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        using TestClient guest = await gateway.ConnectAsync();
        Assert.Equal($"a {guest.LocalEndPoint}", await guest.AskAsync("a.home.test"));
        await using (await Strace.AttachAsync(gateway, $"socket:error={error}:when=3+3"))
        {
            for (int number = 0; number < Clients; number++)
            {
                using TestClient client = await gateway.ConnectAsync();
                string answer = await client.AskAsync("a.home.test");
                client.Dispose();
                string end = await gateway.AccessLog.EndOfAsync(client.LocalEndPoint);
                Assert.Contains((answer.Split(' ')[0], end), new[] { ("a", "complete"), ("a", "client-reset"), ("closed", "error") });
            }
        }
        GatewayStatus status = await GatewayStatus.OfAsync(gateway);
        Assert.Equal(Clients / 3, status.Ended("error"));
        Assert.InRange(gateway.Log.Lines.Count(line => line.Contains("failed for a reason on this side", StringComparison.Ordinal)), 1, Clients / 3);
        Assert.Equal("a", await gateway.AskAsync("a.home.test"));
        guest.ShutdownSend();
        Assert.Equal(Ending.Fin, (await guest.ReceiveToEndAsync()).Ending);
    }

    private static async Task AssertServesWithinAsync(Gateway gateway, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        await Patience.UntilAsync(async () => await gateway.AskAsync("a.home.test") == "a", () => "room again", limit);
        Assert.True(Stopwatch.GetElapsedTime(start) < limit);
    }
}
