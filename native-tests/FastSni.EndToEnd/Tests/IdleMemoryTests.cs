using System.Globalization;
using FastSni.EndToEnd.Harness;
using Xunit.Abstractions;

namespace FastSni.EndToEnd.Tests;

/// <summary>What thousands of idle sessions cost in memory.</summary>
[Collection(Alone.Name)]
public sealed class IdleMemoryTests(ITestOutputHelper output)
{
    // The scorecard: 300 bytes a session, and 50 KiB one whose TLS ends here. The rest is the first session's doing: pages, tables and pools.
    private const int PassthroughBytesMax = 300, OffloadBytesMax = 50 * 1024;
    private const long RoomBytes = 4 << 20;

    [Fact]
    public async Task An_idle_session_costs_a_few_hundred_bytes_and_no_pipe()
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync);
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers: 2).Passthrough("a", "a.home.test", backend));
        byte[] hello = HelloBytes.For("a.home.test");
        // Here a session takes two descriptors as well: one as the client's, one as the backend's.
        int sessions = Math.Min(Scale.Of(2_000, 10_000), (await GatewayStatus.OfAsync(gateway)).SessionsMax - 200);
        List<TestClient> clients = [];
        await OpenAsync(50);
        (long before, int pipes) = (gateway.Facts.AnonymousBytes, gateway.Facts.PipeEnds);
        await OpenAsync(sessions);
        await Task.Delay(500);
        long grown = gateway.Facts.AnonymousBytes - before;
        Report("passthrough", sessions, grown);
        Assert.Equal(pipes, gateway.Facts.PipeEnds);
        Assert.True(grown <= sessions * PassthroughBytesMax + RoomBytes, $"{grown} bytes for {sessions} sessions");
        Assert.Equal(sessions + 50, (await GatewayStatus.OfAsync(gateway)).Sessions);
        clients.ForEach(client => client.Dispose());

        Task OpenAsync(int count) => Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
        {
            TestClient client = await gateway.ConnectAsync();
            await client.SendAsync(hello);
            await client.ReceiveExactlyAsync(hello.Length);
            lock (clients)
                clients.Add(client);
        });
    }

    [Fact]
    public async Task An_idle_connection_whose_TLS_ends_here_costs_fifty_kilobytes_at_most()
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        int connections = Math.Min(Scale.Of(300, 10_000), (await GatewayStatus.OfAsync(gateway)).SessionsMax - 200);
        List<WireClient> clients = [];
        for (int number = 0; number < 20; number++)
            await OpenAsync();
        long before = gateway.Facts.AnonymousBytes;
        for (int number = 0; number < connections; number++)
            await OpenAsync();
        long grown = gateway.Facts.AnonymousBytes - before;
        Report("offload", connections, grown);
        Assert.True(grown <= connections * OffloadBytesMax + (4 * RoomBytes), $"{grown} bytes for {connections} connections");
        clients.ForEach(client => client.Dispose());

        async Task OpenAsync()
        {
            WireClient client = await gateway.EnterAsync(HttpRoom.Offload);
            clients.Add(client);
            Assert.Equal(200, (await client.GetAsync(HttpRooms.SiteName)).Status);
        }
    }

    private void Report(string room, int sessions, long grown) => output.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{room}: {sessions} idle, {grown / 1024} KiB more, {grown / sessions} bytes each"));
}
