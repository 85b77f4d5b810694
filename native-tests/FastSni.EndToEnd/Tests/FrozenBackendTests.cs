using System.Diagnostics;
using System.Globalization;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>A backend's process is stopped (SIGSTOP) with data on its way.</summary>
[Collection(Alone.Name)]
public sealed class FrozenBackendTests
{
    private const int BodyBytes = 16 << 20;
    private const long RoomBytes = 12 << 20;

    private static readonly int Uploads = Scale.Of(40, 300);

    [SkippableFact]
    public async Task A_frozen_backend_costs_no_memory_and_no_other_route_and_goes_on_when_it_thaws()
    {
        await using Nginx nginx = await Nginx.StartAsync("frozen");
        using TestBackend other = TestBackend.Start("other");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers: 2).Passthrough("b", "b.home.test", other)
            .Listen("raw", "tcp", Loopback.NextV4(), ("backend", nginx.PlainFiles.ToString())));
        Assert.Equal("other", await gateway.AskAsync("b.home.test"));
        List<Task<string>> uploads = [];
        long sent = 0;
        Posix.Send(Signal.Stop, nginx.ProcessId);
        try
        {
            for (int number = 0; number < Uploads; number++)
                uploads.Add(UploadAsync(number));
            await StuckAsync();
            (long before, long stuck) = (gateway.Facts.ResidentBytes, Volatile.Read(ref sent));
            for (int number = 0; number < 50; number++)
                Assert.Equal("other", await gateway.AskAsync("b.home.test"));
            await gateway.Facts.AssertRestsAsync(ticks: 4, TimeSpan.FromSeconds(1));
            Assert.Equal(stuck, Volatile.Read(ref sent));
            Assert.True(gateway.Facts.ResidentBytes <= before + RoomBytes, $"{gateway.Facts.ResidentBytes} bytes resident, {before} before");
            // A pipe or a buffer for each, beyond what the kernel's sockets hold: never the whole of it.
            Assert.InRange(gateway.Facts.ResidentBytes, 0, 200 << 20);
        }
        finally
        {
            Posix.Send(Signal.Continue, nginx.ProcessId);
        }
        foreach (string status in await Task.WhenAll(uploads).Within("the uploads", Patience.BulkLimit))
            Assert.Equal("HTTP/1.1 201 Created", status);
        Assert.All(Enumerable.Range(0, Uploads), number =>
            Assert.Equal(BodyBytes, new FileInfo(Path.Combine(nginx.FilesDirectory, $"{number}")).Length));

        async Task<string> UploadAsync(int number)
        {
            using TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint("raw"));
            await client.SendAsync(string.Create(CultureInfo.InvariantCulture,
                $"PUT /files/{number} HTTP/1.1\r\nHost: x\r\nContent-Length: {BodyBytes}\r\nConnection: close\r\n\r\n"));
            byte[] block = new byte[65_536];
            for (int done = 0; done < BodyBytes; done += block.Length)
            {
                // As long as the backend is frozen: without the tests' limit on a stall.
                for (int at = 0; at < block.Length;)
                    at += await client.Socket.SendAsync(block.AsMemory(at), System.Net.Sockets.SocketFlags.None);
                Interlocked.Add(ref sent, block.Length);
            }
            return (await client.ReceiveLineAsync()).TrimEnd('\r');
        }

        // Until nothing is taken any more for half a second.
        async Task StuckAsync()
        {
            (long last, long since) = (-1, Stopwatch.GetTimestamp());
            await Patience.UntilAsync(
                () =>
                {
                    long now = Volatile.Read(ref sent);
                    if (now != last)
                        (last, since) = (now, Stopwatch.GetTimestamp());
                    return now > 0 && Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(0.5);
                },
                () => "the uploads to be stuck", Patience.BulkLimit);
        }
    }
}
