using System.Diagnostics;
using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Somebody runs against a limit as fast as he can.</summary>
[Collection(Alone.Name)]
public sealed class LimitFloodTests
{
    // The access log has so many lines a second of one client that is refused for being too many, and one of all clients.
    private const int ClientLinesMax = 10;

    private static readonly int Comers = Scale.Of(1_500, 20_000);

    [Theory]
    [InlineData("max-connections", "connection-limit", "connection limit of", 1)]
    [InlineData("max-pending-hellos", "connection-limit", "clients without a whole hello", 1)]
    [InlineData("max-connections-per-client", "client-limit", "a limit of each client", ClientLinesMax)]
    [InlineData("max-pending-hellos-per-client", "client-limit", "a limit of each client", ClientLinesMax)]
    [InlineData("max-new-sessions-per-client", "client-limit", "a limit of each client", ClientLinesMax)]
    public async Task A_flood_at_a_limit_fills_no_log_and_disturbs_no_other_client(string key, string reason, string message, int linesMax)
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync);
        GatewayConfig config = GatewayConfig.Https().Gateway("hello-timeout", "60s").Passthrough("a", "a.home.test", backend);
        await using Gateway gateway = await Gateway.StartAsync(config.Gateway(key, "6"));
        bool isPending = key.Contains("pending", StringComparison.Ordinal);
        byte[] hello = HelloBytes.For("a.home.test"), sent = isPending ? hello[..20] : hello;
        using TestClient guest = await gateway.ConnectAsync();
        await EchoAsync(guest, hello);

        IPAddress flooder = Loopback.NextAddress();
        List<TestClient> holders = [];
        for (int number = 0; number < (key.Contains("new", StringComparison.Ordinal) ? 0 : 5); number++)
        {
            holders.Add(await gateway.ConnectAsync(flooder));
            await holders[^1].SendAsync(sent);
        }
        long start = Stopwatch.GetTimestamp();
        using CancellationTokenSource over = new();
        Task<int> honest = AskOnAsync(gateway, guest, isRefused: key == "max-connections", over.Token);
        await Parallel.ForEachAsync(Enumerable.Range(0, Comers), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (_, _) =>
        {
            using TestClient comer = await gateway.ConnectAsync(flooder);
            await comer.TrySendAsync(sent);
            // A client that is let in for a moment leaves with its end.
            comer.Abort();
        });
        await over.CancelAsync();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds + 2;
        Assert.True(await honest > 0);

        GatewayStatus status = await GatewayStatus.OfAsync(gateway);
        Assert.InRange(status.Ended(reason), 1, Comers + 6);
        Assert.InRange(gateway.Log.Lines.Count(line => line.Contains(message, StringComparison.Ordinal)), 1, seconds);
        Assert.InRange(gateway.AccessLog.Lines.Count(line => line.End == reason), 1, seconds * linesMax);
        await EchoAsync(guest, hello);
        holders.ForEach(client => client.Dispose());
    }

    /// <summary>The guest's session goes on, and where it may a new client of his comes in each time.</summary>
    private static async Task<int> AskOnAsync(Gateway gateway, TestClient guest, bool isRefused, CancellationToken over)
    {
        byte[] hello = HelloBytes.For("a.home.test");
        int rounds = 0;
        do
        {
            await EchoAsync(guest, hello);
            if (!isRefused)
            {
                using TestClient next = await gateway.ConnectAsync();
                await EchoAsync(next, hello);
            }
            await Task.Delay(20, CancellationToken.None);
            rounds++;
        }
        while (!over.IsCancellationRequested);
        return rounds;
    }

    private static async Task EchoAsync(TestClient client, byte[] bytes)
    {
        await client.SendAsync(bytes);
        Assert.Equal(bytes, await client.ReceiveExactlyAsync(bytes.Length));
    }
}
