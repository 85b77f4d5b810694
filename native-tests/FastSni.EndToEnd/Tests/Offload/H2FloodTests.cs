using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>HTTP/2 frames in masses: the flood ends or is borne, its memory is bounded, others are served meanwhile.</summary>
[Collection(Alone.Name)]
public sealed class H2FloodTests : IDisposable
{
    private const string Name = "app.home.test";
    private const int MemoryBytesMax = 50 << 20;

    private readonly HttpBackend _backend = HttpBackend.Start("app");

    public void Dispose() => _backend.Dispose();

    [Fact]
    public async Task A_rapid_reset_is_stopped_and_the_backend_sees_few_of_its_requests()
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        long memory = gateway.Facts.ResidentBytes;
        int streams = Scale.Of(10_000, 100_000), sent = 0;
        Task<H2Frame?> goAway = client.ReadUntilAsync(frame => frame.Type == H2Type.GoAway);
        while (sent < streams)
        {
            byte[] burst =
            [
                .. Enumerable.Range(sent, 100).SelectMany(number =>
                    (byte[])[.. H2Client.Get((2 * number) + 1, Name).Bytes, .. H2Client.Number(H2Type.ResetStream, (2 * number) + 1, (int)H2Error.Cancel).Bytes]),
            ];
            if (!await client.TrySendAsync(burst))
                break;
            sent += 100;
        }
        // Told so, or cut off.
        Assert.True((await goAway)?.Error != H2Error.None);
        await AssertServesAsync(gateway);
        Assert.InRange(_backend.Heads, 0, streams / 20);
        Assert.InRange(gateway.Facts.ResidentBytes, 0, memory + MemoryBytesMax);
    }

    [Fact]
    public async Task A_header_block_that_goes_on_and_on_is_ended()
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        long memory = gateway.Facts.ResidentBytes;
        await client.SendAsync(H2Client.Headers(1, 0, Hpack.Request("GET", Name, "/")));
        byte[] more = new H2Frame(H2Type.Continuation, 0, 1, Hpack.Encode(("x-filler", new string('x', 16_000)))).Bytes;
        await AssertEndsAsync(client, more, 1000);
        Assert.Empty(_backend.Requests);
        await AssertServesAsync(gateway);
        Assert.InRange(gateway.Facts.ResidentBytes, 0, memory + MemoryBytesMax);
    }

    [Fact]
    public async Task Empty_CONTINUATION_frames_without_an_end_are_bounded_by_the_header_timeout_or_ended()
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        long memory = gateway.Facts.ResidentBytes;
        await client.SendAsync(H2Client.Headers(1, 0, Hpack.Request("GET", Name, "/")));
        byte[] empty = new H2Frame(H2Type.Continuation, 0, 1, []).Bytes;
        byte[] burst = [.. Enumerable.Repeat(empty, 1000).SelectMany(bytes => bytes)];
        for (int number = 0; number < 10 && await client.TrySendAsync(burst); number++)
        {
        }
        Assert.Empty(_backend.Requests);
        await AssertServesAsync(gateway);
        Assert.InRange(gateway.Facts.ResidentBytes, 0, memory + MemoryBytesMax);
    }

    [Fact]
    public async Task Ten_thousand_references_to_one_large_header_are_no_request()
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        long memory = gateway.Facts.ResidentBytes;
        // RFC 7541 6.2.1: a literal of 4,000 bytes that is put into the table (0x40), then references to it by index 62 (0xBE).
        byte[] large = [0x40, .. Hpack.Encode(("x-bomb", new string('b', 3900)))[1..]];
        byte[] block = [.. Hpack.Encode(Hpack.Request("GET", Name, "/")), .. large, .. Enumerable.Repeat((byte)0xBE, 10_000)];
        await client.SendAsync(new H2Frame(H2Type.Headers, H2Frame.EndHeaders | H2Frame.EndStream, 1, block));
        H2Frame? frame = await client.ReadUntilAsync(one => one.Type is H2Type.GoAway or H2Type.ResetStream or H2Type.Headers);
        Assert.True(frame is not { Type: H2Type.Headers } || Hpack.StatusOf(frame.Payload) == 431, "answered");
        Assert.Empty(_backend.Requests);
        await AssertServesAsync(gateway);
        Assert.InRange(gateway.Facts.ResidentBytes, 0, memory + MemoryBytesMax);
    }

    [Theory]
    [InlineData(nameof(H2Type.Settings))]
    [InlineData(nameof(H2Type.Ping))]
    [InlineData(nameof(H2Type.Priority))]
    [InlineData(nameof(H2Type.WindowUpdate))]
    public async Task A_flood_whose_answers_nobody_reads_costs_no_memory(string type)
    {
        await using Gateway gateway = await StartAsync();
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        await AssertServesAsync(gateway);
        long memory = gateway.Facts.ResidentBytes;
        H2Frame frame = type switch
        {
            nameof(H2Type.Settings) => H2Client.Settings((4, 65_535)),
            nameof(H2Type.Ping) => new(H2Type.Ping, 0, 0, new byte[8]),
            nameof(H2Type.Priority) => new(H2Type.Priority, 0, 1, new byte[] { 0, 0, 0, 3, 1 }),
            _ => H2Client.Number(H2Type.WindowUpdate, 0, 1),
        };
        byte[] burst = [.. Enumerable.Repeat(frame.Bytes, 1000).SelectMany(bytes => bytes)];
        // Up to where the gateway no longer reads, or has ended.
        using CancellationTokenSource stop = new(TimeSpan.FromSeconds(3));
        Task<bool> flooding = FloodAsync(client, burst, Scale.Of(500, 5000), stop.Token);
        await AssertServesAsync(gateway);
        await flooding;
        await AssertServesAsync(gateway);
        Assert.InRange(gateway.Facts.ResidentBytes, 0, memory + MemoryBytesMax);
    }

    [Fact]
    public async Task Answers_behind_a_window_held_shut_are_bounded_and_the_connection_is_closed_in_the_end()
    {
        // A hundred answers of 1 MiB would be twice what is allowed.
        await using Gateway gateway = await StartAsync();
        await AssertServesAsync(gateway);
        long memory = gateway.Facts.ResidentBytes;
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name, (4, 0));
        await client.SendAsync([.. Enumerable.Range(0, 100).Select(number => H2Client.Get((2 * number) + 1, Name, "/bytes/1048576"))]);
        await Patience.UntilAsync(() => _backend.Heads >= 101, () => $"{_backend.Heads} of 101 requests at the backend");
        await AssertServesAsync(gateway);
        Assert.InRange(gateway.Facts.ResidentBytes, 0, memory + MemoryBytesMax);
        if (!Scale.IsLong)
            return;
        // Pings keep the reading of frames within its patience, and are no data.
        H2Frame? end;
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        do
        {
            Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(2), "the window was held shut for ever");
            await Task.Delay(TimeSpan.FromSeconds(1));
            await client.TrySendAsync(new H2Frame(H2Type.Ping, 0, 0, new byte[8]).Bytes);
            end = await client.ReadUntilAsync(frame => frame.Type is H2Type.Ping or H2Type.GoAway or H2Type.ResetStream);
        }
        while (end is { Type: H2Type.Ping });
    }

    private static async Task<bool> FloodAsync(H2Client client, byte[] burst, int bursts, CancellationToken stop)
    {
        try
        {
            for (int number = 0; number < bursts; number++)
                await client.Tls.WriteAsync(burst, stop);
            return true;
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task AssertEndsAsync(H2Client client, byte[] frame, int count)
    {
        Task<H2Frame?> end = client.ReadUntilAsync(one => one.Type is H2Type.GoAway);
        for (int number = 0; number < count && await client.TrySendAsync(frame); number++)
        {
        }
        await end;
        Assert.False(await client.TrySendAsync(frame) && await client.ReadUntilAsync(_ => false) is not null);
    }

    private static async Task AssertServesAsync(Gateway gateway)
    {
        await using H2Client client = await H2Client.ConnectAsync(gateway.Https, Name);
        Assert.Equal(200, await client.AskAsync(1, Name));
        gateway.AssertAlive();
    }

    private Task<Gateway> StartAsync() => Gateway.StartAsync(
        GatewayConfig.Https().Offload("app", Name, _backend, TestCertificates.Shared.Authority.Issue(Name)));
}
