using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FastSni.EndToEnd.Harness;
using Xunit.Abstractions;

namespace FastSni.EndToEnd.Tests;

/// <summary>More bulk at once than an unprivileged user has pages of pipe for (fs.pipe-user-pages-soft).</summary>
[Collection(Alone.Name)]
public sealed class ManyBulkTests(ITestOutputHelper output)
{
    private const int UsefulPipeBytesMin = 64 * 1024, GetPipeSize = 1032;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(Scale.Of(2, 10));

    [SkippableFact]
    public async Task Five_times_the_bulk_sessions_move_in_all_about_what_the_few_do_and_no_pipe_is_tiny()
    {
        int few = Scale.Of(80, 300), many = Scale.Of(400, 1_500);
        using TestBackend backend = TestBackend.Start("a", PourAsync, proxy: false);
        await using Gateway gateway = await Gateway.StartUnderAsync(
            GatewayConfig.Https(workers: 2).Passthrough("a", "a.home.test", backend), Confinement.Nobody);
        List<TestClient> clients = [];
        long moved = 0;
        double fewRate = await RateAsync(few), manyRate = await RateAsync(many);

        GatewayStatus status = await GatewayStatus.OfAsync(gateway);
        int[] sizes = [.. gateway.Facts.PipePaths.Select(PipeBytes).Where(bytes => bytes > 0)];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{few}: {fewRate / 1e6:0} MB/s, {many}: {manyRate / 1e6:0} MB/s, ratio {manyRate / fewRate:0.00}, pipes {sizes.Length / 2}, smallest {sizes.Min()}, refused {status.Counter("pipes-refused")}"));
        Assert.True(manyRate > fewRate * (Scale.IsLong ? 0.5 : 0.3), $"{manyRate:0} bytes a second, {fewRate:0} with {few} sessions");
        Assert.True(sizes.Min() >= UsefulPipeBytesMin, $"a pipe of {sizes.Min()} bytes");
        Assert.Equal(many, status.Sessions);
        clients.ForEach(client => client.Abort());

        async Task<double> RateAsync(int sessions)
        {
            while (clients.Count < sessions)
            {
                TestClient client = await gateway.ConnectAsync();
                clients.Add(client);
                await client.SendAsync(HelloBytes.For("a.home.test"));
                _ = SinkAsync(client);
            }
            await Task.Delay(500);
            (long before, long start) = (Volatile.Read(ref moved), Stopwatch.GetTimestamp());
            await Task.Delay(Window);
            return (Volatile.Read(ref moved) - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        async Task SinkAsync(TestClient client)
        {
            byte[] buffer = new byte[131_072];
            try
            {
                while (await client.Socket.ReceiveAsync(buffer, SocketFlags.None) is int count and > 0)
                    Interlocked.Add(ref moved, count);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }

    private static async Task PourAsync(BackendSession session)
    {
        byte[] block = new byte[262_144];
        while (!session.Backend.Stopping.IsCompleted)
            await session.SendAsync(block);
    }

    /// <summary>0 where it is closed meanwhile.</summary>
    private static int PipeBytes(string path)
    {
        int descriptor = Open(path, 0x800);     // O_RDONLY | O_NONBLOCK
        if (descriptor < 0)
            return 0;
        int bytes = Control(descriptor, GetPipeSize, 0);
        _ = Close(descriptor);
        return Math.Max(0, bytes);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static extern int Control(int descriptor, int command, int argument);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);
}
