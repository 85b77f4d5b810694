using System.Diagnostics;
using System.Net.Sockets;
using FastSni.Config;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>Many sessions at once, and what is left of them.</summary>
[Collection(Alone.Name)]
public class CrowdTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_many_aborted_transfers_descriptors_are_free_and_fresh_ones_get_no_foreign_byte(int workers)
    {
        using var backend = Backend.Start();
        using TestGateway gateway = await TestGateway.StartAsync(Setup.To(backend).Snapshot, workers);
        await TransferAsync(gateway, backend, seed: 0);
        await gateway.HasSessionsAsync(0);
        int before = OpenDescriptors();
        Random random = new(1);
        for (int i = 0; i < 150; i++)
            await AbortAsync(gateway, backend, random);
        await gateway.HasSessionsAsync(0);
        // Idle pipes are kept for the next flow: two descriptors each, and no more of them than flows were bulky at once.
        await Eventually.IsTrueAsync(() => OpenDescriptors() <= before + 8 * workers, "the descriptors are free again");
        for (int seed = 1; seed <= 30; seed++)
            await TransferAsync(gateway, backend, seed);
    }

    /// <summary>Edges are reported once; nothing about an end, half an end or an unfinished hello may keep a worker busy.</summary>
    [Fact]
    public async Task Sessions_that_wait_cost_no_processor_time()
    {
        using Room room = await Room.OpenAsync(new GatewayOptions { MaxPendingHellosPerClient = 0 }, workers: 2);
        for (int i = 0; i < 60; i++)
        {
            (Socket client, Socket server) = await room.EnterAsync();
            if (i % 3 != 0)
                (i % 3 == 1 ? client : server).Shutdown(SocketShutdown.Send);
        }
        Socket[] dripping = [.. Enumerable.Range(1, 60).Select(bytes => room.Gateway.Connect(Hellos.App.AsSpan(0, bytes)))];
        await room.Gateway.HasSessionsAsync(120);
        AssertIdle();
        Assert.All(dripping, socket => socket.Dispose());
    }

    [Fact]
    public async Task Nor_do_those_that_wait_for_a_PROXY_header()
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup { Options = new GatewayOptions { ProxyHeaderTimeout = Loopback.Patience } }.Behind(AcceptProxy.Accept).Snapshot);
        byte[] line = "PROXY TCP4 192.0.2.7 198.51.100.3 4711 443"u8.ToArray(), large = Proxies.V2(0x20, 0x00, new byte[ushort.MaxValue]);
        Socket[] waiting = [.. Enumerable.Range(0, 40).Select(bytes => gateway.Connect(line.AsSpan(0, bytes))), .. Enumerable.Range(1, 40).Select(part => gateway.Connect(large.AsSpan(0, part * 1_600)))];
        await gateway.HasSessionsAsync(80);
        AssertIdle();
        Assert.All(waiting, socket => socket.Dispose());
    }

    private static void AssertIdle()
    {
        TimeSpan least = TimeSpan.MaxValue;
        // The runner has moments of its own; a worker that spins does so all the time.
        for (int round = 0; round < 5 && least > TimeSpan.FromMilliseconds(100); round++)
        {
            TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
            Peer.Pause(400);
            TimeSpan used = Process.GetCurrentProcess().TotalProcessorTime - before;
            least = used < least ? used : least;
        }
        Assert.InRange(least, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
    }

    private static async Task AbortAsync(TestGateway gateway, Backend backend, Random random)
    {
        Socket client = gateway.Connect(Hellos.App);
        Socket server = await backend.AcceptAsync();
        (Socket from, Socket to) = random.Next(2) == 0 ? (client, server) : (server, client);
        from.Blocking = false;
        byte[] junk = new byte[random.Next(1, 3_000_000)];
        Array.Fill(junk, (byte)'J');
        from.Send(junk, 0, junk.Length, SocketFlags.None, out _);
        if (random.Next(2) == 0)
            to.Receive(new byte[random.Next(1, 100_000)]);
        foreach (Socket one in random.Next(3) switch { 0 => new[] { client, server }, 1 => [server, client], _ => [to, from] })
        {
            if (random.Next(3) == 0)
                one.Close();
            else
                one.Reset();
        }
    }

    private static async Task TransferAsync(TestGateway gateway, Backend backend, int seed)
    {
        using Socket client = gateway.Connect(Hellos.App);
        using Socket server = await backend.AcceptAsync();
        byte[] upload = Pattern.Of(700_000, seed), reply = Pattern.Of(900_000, seed + 1_000);
        Task up = Peer.Writes(client, socket => { socket.SendAll(upload); socket.Shutdown(SocketShutdown.Send); });
        Task<byte[]> atServer = Peer.ReadsToEnd(server), atClient = Peer.ReadsToEnd(client);
        server.SendAll(reply);
        server.Shutdown(SocketShutdown.Send);
        await up;
        Assert.Equal(Pattern.Hash([.. Hellos.App, .. upload]), Pattern.Hash(await atServer));
        Assert.Equal(Pattern.Hash(reply), Pattern.Hash(await atClient));
    }

    private static int OpenDescriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
}
