using System.Net;
using System.Net.Sockets;

namespace FastSni.LoadTests.Soak;

/// <summary>One connection through a door, with every byte checked, and the judgement on how it ended.</summary>
internal sealed class StreamVisit(Door door, Ledger ledger, Upheavals upheavals, CancellationToken stop)
{
    private const int BlockBytesMax = 20_000;
    // Beyond it nothing moves any more, busy machine or not.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Guid _tag = Guid.NewGuid();
    private readonly long _began = Upheavals.Now;
    private Socket? _socket;
    private bool _isAborted;

    /// <summary>The client's address for all who are told of it.</summary>
    public IPEndPoint? Source { get; private set; }

    /// <param name="claimed">What the PROXY header says, where there is one.</param>
    /// <param name="abortAfter">null: it ends in order.</param>
    public async Task RunAsync(string kind, Func<StreamVisit, Task> errand, IPEndPoint? claimed = null, TimeSpan? abortAfter = null)
    {
        using CancellationTokenSource goes = new();
        try
        {
            _socket = await Door.ConnectAsync(door.EndPoint);
            Source = claimed ?? (IPEndPoint)_socket.LocalEndPoint!;
            ledger.Sources[_tag] = Source;
            Task abort = abortAfter is TimeSpan delay ? AbortAsync(delay, goes.Token) : Task.CompletedTask;
            await errand(this);
            await goes.CancelAsync();
            await abort;
            ledger.Done($"{door.Kind}-{kind}", Moved);
        }
        catch (Exception trouble) when (trouble is IOException or SocketException or ObjectDisposedException or OperationCanceledException or WrongBytesException)
        {
            Judge(kind, trouble);
        }
        finally
        {
            await goes.CancelAsync();
            ledger.Sources.TryRemove(_tag, out _);
            _socket?.Dispose();
        }
    }

    public long Moved { get; private set; }

    /// <summary>Blocks there and back with pauses, for about so long.</summary>
    public async Task EchoAsync(TimeSpan life)
    {
        long until = Upheavals.Now + (long)life.TotalMilliseconds;
        NetworkStream stream = await OrderAsync(Errand.Echo, 0);
        do
        {
            await EchoBlockAsync(stream, Random.Shared.Next(1, BlockBytesMax));
            await PauseAsync(TimeSpan.FromMilliseconds(Random.Shared.Next(1, 1000)));
        }
        while (Upheavals.Now < until && !stop.IsCancellationRequested);
        await EndAsync(stream);
    }

    /// <summary>Opens, is silent, and finds at the end that the line still stands.</summary>
    public async Task IdleAsync(TimeSpan life)
    {
        NetworkStream stream = await OrderAsync(Errand.Echo, 0);
        await EchoBlockAsync(stream, 64);
        using CancellationTokenSource patience = new(Patience + life);
        byte[] nothing = new byte[1];
        Task<int> reading = stream.ReadAsync(nothing, patience.Token).AsTask();
        Task pause = PauseAsync(life);
        if (await Task.WhenAny(reading, pause) == reading)
            throw new EndOfStreamException($"an idle connection ended ({await reading} bytes)");
        // The pending read takes the echo's first byte.
        byte[] block = new byte[64];
        new Pattern(_tag).Fill(Moved, block);
        await stream.WriteAsync(block, patience.Token);
        if (await reading != 1 || nothing[0] != block[0])
            throw new WrongBytesException("wrong first byte behind a silence");
        await stream.ExpectPatternAsync(_tag, Moved + 1, block.Length - 1, patience.Token);
        Moved += block.Length;
        await EndAsync(stream);
    }

    public async Task DownloadAsync(long bytes)
    {
        NetworkStream stream = await OrderAsync(Errand.Download, bytes);
        using CancellationTokenSource patience = new(Patience);
        await stream.ExpectPatternAsync(_tag, 0, bytes, patience.Token);
        await stream.ExpectEndAsync(patience.Token);
        Moved += bytes;
    }

    /// <summary>Half-close: our end goes before the answer comes.</summary>
    public async Task UploadAsync(long bytes)
    {
        NetworkStream stream = await OrderAsync(Errand.Upload, bytes);
        using CancellationTokenSource patience = new(Patience);
        await stream.SendPatternAsync(_tag, bytes, patience.Token);
        _socket!.Shutdown(SocketShutdown.Send);
        byte[] receipt = new byte[Order.WireBytes];
        await stream.ReadExactlyAsync(receipt, patience.Token);
        if (Order.Read(receipt) != new Order(_tag, Errand.Upload, bytes))
            throw new WrongBytesException($"the receipt is not for {bytes} bytes of ours");
        await stream.ExpectEndAsync(patience.Token);
        Moved += bytes;
    }

    /// <summary>Both ways at once.</summary>
    public async Task DuplexAsync(long bytes)
    {
        NetworkStream stream = await OrderAsync(Errand.Echo, 0);
        using CancellationTokenSource patience = new(Patience);
        Task sending = SendAndEndAsync(stream, bytes, patience.Token);
        await stream.ExpectPatternAsync(_tag, 0, bytes, patience.Token);
        await sending;
        await stream.ExpectEndAsync(patience.Token);
        Moved += 2 * bytes;
    }

    private async Task SendAndEndAsync(NetworkStream stream, long bytes, CancellationToken cancel)
    {
        await stream.SendPatternAsync(_tag, bytes, cancel);
        _socket!.Shutdown(SocketShutdown.Send);
    }

    private async Task<NetworkStream> OrderAsync(Errand errand, long bytes)
    {
        NetworkStream stream = new(_socket!);
        byte[] opening = [.. door.Greeting(_tag, Source!), .. new Order(_tag, errand, bytes).ToBytes()];
        // Half of the clients send in two pieces, cut anywhere.
        int cut = Random.Shared.Next(2) == 0 ? opening.Length : Random.Shared.Next(1, opening.Length);
        await stream.WriteAsync(opening.AsMemory(0, cut));
        if (cut < opening.Length)
        {
            await Task.Delay(Random.Shared.Next(20));
            await stream.WriteAsync(opening.AsMemory(cut));
        }
        return stream;
    }

    private async Task EchoBlockAsync(NetworkStream stream, int bytes)
    {
        using CancellationTokenSource patience = new(Patience);
        byte[] block = new byte[bytes];
        new Pattern(_tag).Fill(Moved, block);
        await stream.WriteAsync(block, patience.Token);
        await stream.ExpectPatternAsync(_tag, Moved, bytes, patience.Token);
        Moved += bytes;
    }

    private async Task EndAsync(NetworkStream stream)
    {
        using CancellationTokenSource patience = new(Patience);
        _socket!.Shutdown(SocketShutdown.Send);
        await stream.ExpectEndAsync(patience.Token);
    }

    private async Task PauseAsync(TimeSpan pause) => await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task AbortAsync(TimeSpan delay, CancellationToken goes)
    {
        await Task.Delay(delay, goes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (goes.IsCancellationRequested)
            return;
        _isAborted = true;
        _socket!.LingerState = new(true, 0);
        _socket.Dispose();
    }

    private void Judge(string kind, Exception trouble)
    {
        if (trouble is WrongBytesException)
            ledger.NotExpected($"{door.Kind}-{kind} of {Source}: {trouble.Message}");
        else if (_isAborted)
            ledger.Expected("aborted by us");
        else if (Source is not null && upheavals.WasBanned(Source.Address, _began))
            ledger.Expected("banned");
        else if (upheavals.IsDrained(_began))
            ledger.Expected("drained by the upgrade");
        else
            ledger.NotExpected($"{door.Kind}-{kind} of {Source}, {Upheavals.Now - _began} ms old, {Moved} bytes moved: {trouble.GetType().Name} {trouble.Message}");
    }
}
