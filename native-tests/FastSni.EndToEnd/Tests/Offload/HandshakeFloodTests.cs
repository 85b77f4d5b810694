using System.Diagnostics;
using System.Globalization;
using FastSni.EndToEnd.Harness;
using Xunit.Abstractions;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>Clients that stop in the middle of a TLS handshake, by the hundred.</summary>
[Collection(Alone.Name)]
public sealed class HandshakeFloodTests(ITestOutputHelper output)
{
    private const long RoomBytes = 150 << 20;

    private static readonly int Stuck = Scale.Of(200, 1_000);
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(3), Slack = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task Clients_that_stop_in_the_middle_are_closed_at_the_handshake_timeout_and_others_come_in_meanwhile()
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url).Gateway("handshake-timeout", "3s"));
        Assert.Equal(200, (await gateway.GetAsync(HttpRoom.Offload)).Status);
        long before = gateway.Facts.ResidentBytes;
        byte[] hello = await HelloAsync(gateway);

        List<TimeSpan> handshakes = [];
        Task<TimeSpan>[] stuck = [.. Enumerable.Range(0, Stuck).Select(_ => StopAsync(gateway, hello))];
        Task all = Task.WhenAll(stuck);
        long grown = 0;
        while (!all.IsCompleted)
        {
            long start = Stopwatch.GetTimestamp();
            using WireClient client = await gateway.EnterAsync(HttpRoom.Offload);
            handshakes.Add(Stopwatch.GetElapsedTime(start));
            grown = Math.Max(grown, gateway.Facts.ResidentBytes - before);
        }
        TimeSpan[] ends = await Task.WhenAll(stuck);
        handshakes.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Stuck} stuck: closed after {ends.Min().TotalSeconds:0.0} to {ends.Max().TotalSeconds:0.0} s; {handshakes.Count} handshakes meanwhile, p50 {handshakes[handshakes.Count / 2].TotalMilliseconds:0} ms, p99 {handshakes[handshakes.Count * 99 / 100].TotalMilliseconds:0} ms; {grown >> 20} MiB more"));
        Assert.All(ends, end => Assert.InRange(end, HandshakeTimeout - TimeSpan.FromSeconds(0.1), HandshakeTimeout + Slack));
        Assert.InRange(grown, 0, RoomBytes);
        Assert.Equal(Stuck, (await GatewayStatus.OfAsync(gateway)).Counter("handshakes-timed-out"));
        Assert.Equal(200, (await gateway.GetAsync(HttpRoom.Offload)).Status);
    }

    /// <summary>From before the connection to its end.</summary>
    private static async Task<TimeSpan> StopAsync(Gateway gateway, byte[] hello)
    {
        long start = Stopwatch.GetTimestamp();
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(hello);
        Transcript answer = await client.ReceiveToEndAsync(HandshakeTimeout + Slack);
        // A handshake record with a ServerHello: it is in the middle.
        Assert.Equal((0x16, 0x02), (answer.Bytes[0], answer.Bytes[5]));
        Assert.NotEqual(Ending.Open, answer.Ending);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>What a real client begins with.</summary>
    private static async Task<byte[]> HelloAsync(Gateway gateway)
    {
        byte[] kept = [];
        TlsWish wish = new(HttpRooms.SiteName)
        {
            Wire = inner => new ReframingStream(inner, hello =>
            {
                kept = hello;
                throw new IOException("kept");
            }),
        };
        await Assert.ThrowsAnyAsync<IOException>(() => TlsClient.ConnectAsync(gateway.Https, wish));
        return kept;
    }
}
