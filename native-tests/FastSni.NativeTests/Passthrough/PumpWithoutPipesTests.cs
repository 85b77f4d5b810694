using System.Net.Sockets;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using FastSni.Passthrough;
using Xunit;

namespace FastSni.NativeTests.Passthrough;

/// <summary>All pipes are lent out, by the pool's limit or the kernel's: bulk is copied then.</summary>
[Collection(Alone.Name)]
public class PumpWithoutPipesTests
{
    [Fact]
    public async Task Bulk_is_copied_when_there_is_no_pipe()
    {
        using PumpRig rig = PumpRig.Open(readerReceiveBytes: 16 * 1024);
        using Exhausted pipes = new(rig.Pipes);
        await Transfer(rig, Pattern.Of(8 * 1024 * 1024), new Random(1));
        Assert.True(rig.Pipes.Refused > 0);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_the_sizes_and_pauses_copying_delivers_every_byte(int seed)
    {
        Random random = new(seed);
        using PumpRig rig = PumpRig.Open(readerReceiveBytes: random.Next(2) == 0 ? 4096 : 0);
        using Exhausted pipes = new(rig.Pipes);
        await Transfer(rig, Pattern.Of(random.Next(1, 3_000_000), seed), random);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_the_sizes_and_pauses_splicing_delivers_every_byte(int seed)
    {
        Random random = new(seed);
        using PumpRig rig = PumpRig.Open(readerReceiveBytes: random.Next(2) == 0 ? 4096 : 0);
        rig.Direction.Worth = random.Next(2) == 0 ? PipeSize.Small : PipeSize.None;
        await Transfer(rig, Pattern.Of(random.Next(1, 6_000_000), seed), random);
        Assert.InRange(rig.Pipes.Open, 0, 1);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    private static async Task Transfer(PumpRig rig, byte[] sent, Random random)
    {
        int[] seeds = [random.Next(), random.Next()];
        Task writing = Peer.Writes(rig.From.Far, socket => Write(socket, sent, new Random(seeds[0])));
        Task<byte[]> reading = Peer.Start(() => Read(rig.To.Far, new Random(seeds[1])));
        Assert.Equal(PumpStatus.Done, rig.Run());
        await writing;
        Assert.Equal(Pattern.Hash(sent), Pattern.Hash(await reading));
        Assert.Equal(sent.Length, rig.Direction.DeliveredBytes);
    }

    private static void Write(Socket socket, ReadOnlySpan<byte> bytes, Random random)
    {
        int largest = random.Next(3) switch { 0 => 200, 1 => 3_000, _ => 70_000 };
        int pauses = 20;
        while (!bytes.IsEmpty)
        {
            int size = Math.Min(bytes.Length, random.Next(1, largest + 1));
            socket.SendAll(bytes[..size]);
            bytes = bytes[size..];
            if (random.Next(50) == 0 && pauses-- > 0)
                Peer.Pause(random.Next(1, 5));
        }
        socket.Shutdown(SocketShutdown.Send);
    }

    private static byte[] Read(Socket socket, Random random)
    {
        using var all = new MemoryStream();
        var buffer = new byte[70_000];
        int pauses = 20;
        while (true)
        {
            int got = socket.Receive(buffer, 0, random.Next(1, buffer.Length + 1), SocketFlags.None);
            if (got == 0)
                return all.ToArray();
            all.Write(buffer, 0, got);
            if (random.Next(20) == 0 && pauses-- > 0)
                Peer.Pause(random.Next(1, 20));
        }
    }

    /// <summary>Has borrowed every pipe there is.</summary>
    private sealed class Exhausted : IDisposable
    {
        private readonly PipePool _pool;
        private readonly List<Pipe> _pipes = [];

        internal Exhausted(PipePool pool)
        {
            _pool = pool;
            while (pool.TryBorrow(PipeSize.Small) is { } pipe)
                _pipes.Add(pipe);
        }

        public void Dispose() => _pipes.ForEach(pipe => _pool.Return(pipe, isEmpty: true));
    }
}
