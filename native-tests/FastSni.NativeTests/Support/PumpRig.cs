using FastSni.Linux;
using FastSni.Passthrough;
using Xunit;

namespace FastSni.NativeTests.Support;

/// <summary>
/// A pump between two real connections, driven as a worker drives it: a visit, and then another only after the kernel reported an edge. After each
/// visit it checks what must hold whatever happened.
/// </summary>
internal sealed class PumpRig : IDisposable
{
    private const EpollEvents AllEdges = EpollEvents.In | EpollEvents.Out | EpollEvents.Priority | EpollEvents.ReadHangUp | EpollEvents.EdgeTriggered;

    /// <summary>A visit may overshoot its budget by what one pipe held.</summary>
    private const int VisitOvershootBytesMax = 2 * 1024 * 1024;

    private readonly Epoll _epoll = Epoll.Create();
    private Side _source, _target;

    private PumpRig(SocketPair from, SocketPair to)
    {
        (From, To) = (from, to);
        Pump = new Pump(Pipes, Buffers);
        (_source.Fd, _target.Fd) = (from.Near, to.Near);
        Assert.True(_epoll.TryAdd(from.Near, AllEdges, 1) && _epoll.TryAdd(to.Near, AllEdges, 2));
    }

    internal SocketPair From { get; }
    internal SocketPair To { get; }
    internal PipePool Pipes { get; } = new(workers: 1, pipesMax: 1024);
    internal BufferPool Buffers { get; } = new(Pump.CopyBytesMax, idleMax: 4);
    internal Pump Pump { get; }
    internal Direction Direction;

    internal Side Source => _source;
    internal Side Target => _target;

    /// <summary>Pipes were in use at some time.</summary>
    internal bool HasSpliced { get; private set; }

    internal static PumpRig Open(int readerReceiveBytes = 0) => new(SocketPair.Open(), SocketPair.Open(readerReceiveBytes));

    /// <summary>Runs to the end of the flow.</summary>
    internal PumpStatus Run()
    {
        PumpStatus status;
        while ((status = Visit()) is PumpStatus.Waiting or PumpStatus.OutOfBudget)
        {
            if (status == PumpStatus.Waiting)
                Assert.True(TryWait(Loopback.PatienceMilliseconds), $"no edge came: {Describe()}");
        }
        if (status == PumpStatus.Done)
            StreamSocket.ShutdownWrite(To.Near);
        return status;
    }

    /// <summary>Runs until nothing has happened for a moment: the reader takes no more, or the writer has paused.</summary>
    internal PumpStatus RunUntilQuiet()
    {
        const int quietMilliseconds = 150;
        PumpStatus status;
        do
            status = Visit();
        while (status == PumpStatus.OutOfBudget || status == PumpStatus.Waiting && TryWait(quietMilliseconds));
        return status;
    }

    /// <summary>Runs until so many bytes in all are with the target.</summary>
    internal void RunUntilDelivered(long bytes) => RunUntil(() => Direction.DeliveredBytes >= bytes);

    internal void RunUntil(Func<bool> condition)
    {
        while (!condition())
        {
            if (Visit() == PumpStatus.Waiting && !condition())
                Assert.True(TryWait(Loopback.PatienceMilliseconds), $"no edge came: {Describe()}");
        }
    }

    public void Dispose()
    {
        Pump.Release(ref Direction);
        Pipes.Dispose();
        _epoll.Dispose();
        From.Dispose();
        To.Dispose();
    }

    private PumpStatus Visit()
    {
        long before = Direction.DeliveredBytes;
        PumpStatus status = Pump.Run(ref Direction, ref _source, ref _target);
        HasSpliced |= Pipes.Open > 0;
        Assert.InRange(Direction.DeliveredBytes - before, 0, VisitOvershootBytesMax);
        if (Direction.HeldBytes == 0)
            Assert.True(Direction is { Pipe: null, Buffer: null }, "nothing is held, and yet something is borrowed");
        else
            Assert.True(Direction.Pipe is null != Direction.Buffer is null, "held bytes are in one place");
        if (status == PumpStatus.OutOfBudget)
            Assert.InRange(Direction.DeliveredBytes - before, Pump.VisitBytesMax, long.MaxValue);
        return status;
    }

    private bool TryWait(int milliseconds)
    {
        Span<EpollEvent> events = stackalloc EpollEvent[2];
        int count = _epoll.Wait(events, milliseconds);
        foreach (EpollEvent happened in events[..count])
        {
            if (happened.Token == 1)
                _source.Note(happened.Events);
            else
                _target.Note(happened.Events);
        }
        return count > 0;
    }

    private string Describe() =>
        $"{Direction.DeliveredBytes} delivered, {Direction.HeldBytes} held, readable {_source.IsReadable}, writable {_target.IsWritable}";
}
