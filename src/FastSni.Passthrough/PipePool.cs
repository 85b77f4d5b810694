using FastSni.Linux;

namespace FastSni.Passthrough;

/// <summary>
/// A worker's pipes. One is borrowed while it holds bytes and comes back empty; one that still holds bytes is destroyed, so that no byte of one client
/// ever meets another. Pipes grow for the flows that deserve it, and those that nobody has needed for a while are closed.
/// </summary>
/// <param name="workers">How many pools share the user's pipe pages.</param>
/// <param name="pipesMax">Pipes at once; past it flows are copied. Two descriptors each.</param>
internal sealed class PipePool(int workers, int pipesMax) : IDisposable
{
    internal const int MediumBytes = 256 * 1024, LargeBytes = 1024 * 1024;

    /// <summary>
    /// An unprivileged user owns 64 MiB of pipe in all (pipe(7)), and who comes when they are used up is copied: a quarter may go to large pipes, half to
    /// moderate ones, and what is left are 256 small ones.
    /// </summary>
    private const int LargePipesOfAll = 16, MediumPipesOfAll = 128;

    private const int IdlePipesMax = 64;

    /// <summary>A kernel that refused a pipe, or a larger one, is not asked again for this many wishes: asking in vain costs up to five calls.</summary>
    private const int WishesAfterRefusal = 256;

    /// <summary>What has lain idle for so long is closed. With nothing idle nobody has to wake up for this.</summary>
    internal static readonly TimeSpan TrimInterval = TimeSpan.FromSeconds(5);

    private readonly Shelf[] _shelves =
    [
        new(int.MaxValue), new(Math.Max(1, MediumPipesOfAll / workers)), new(Math.Max(1, LargePipesOfAll / workers)),
    ];

    private Instant _trimAt = Instant.Never;
    private int _open, _idle, _opensToSkip, _growthsToSkip;
    private long _refused;

    /// <summary>Reads that had to be copies for want of a pipe.</summary>
    internal long Refused => Volatile.Read(ref _refused);

    /// <summary>Borrowed or idle. To other threads than the worker's this and the next are as of a moment ago.</summary>
    internal int Open => Volatile.Read(ref _open);

    internal int Idle => Volatile.Read(ref _idle);

    /// <summary>When <see cref="Trim"/> has something to do.</summary>
    internal Instant TrimAt => _trimAt;

    /// <summary>
    /// An empty pipe, or null: out of descriptors, out of the user's share of pipe pages, or at the limit. Where the wanted size is not to be had it is
    /// another.
    /// </summary>
    internal Pipe? TryBorrow(PipeSize wanted)
    {
        if (TakeIdle(wanted) is { } idle)
            return Grow(idle, wanted);
        if (_open == pipesMax || _opensToSkip-- > 0)
        {
            CountRefusal();
            return null;
        }
        Pipe? pipe = Pipe.TryOpen();
        _opensToSkip = pipe is null ? WishesAfterRefusal : 0;
        if (pipe is null)
        {
            CountRefusal();
            return null;
        }
        _open++;
        ShelfOf(pipe).Open++;
        return Grow(pipe, wanted);
    }

    internal void Return(Pipe pipe, bool isEmpty)
    {
        if (!isEmpty || _idle == IdlePipesMax)
        {
            Close(pipe);
            return;
        }
        ShelfOf(pipe).Idle.Push(pipe);
        _idle++;
    }

    /// <summary>Once a loop turn: closes what nobody has needed since the last look.</summary>
    internal void Trim(Instant now)
    {
        if (_idle == 0)
        {
            _trimAt = Instant.Never;
            return;
        }
        if (_trimAt > now && _trimAt != Instant.Never)
            return;
        foreach (Shelf shelf in _shelves)
        {
            while (_trimAt != Instant.Never && shelf.IdleMin-- > 0)
                CloseIdle(shelf);
            shelf.IdleMin = shelf.Idle.Count;
        }
        _trimAt = _idle == 0 ? Instant.Never : now + TrimInterval;
    }

    /// <summary>Gives the descriptors of idle pipes back: somebody needs them more.</summary>
    internal void DropIdle()
    {
        foreach (Shelf shelf in _shelves)
        {
            while (shelf.Idle.Count > 0)
                CloseIdle(shelf);
        }
    }

    public void Dispose() => DropIdle();

    // The wanted size, or the largest below it, which may grow; else the smallest above.
    private Pipe? TakeIdle(PipeSize wanted)
    {
        if (_idle == 0)
            return null;
        int index = IndexOf(wanted);
        while (index > 0 && _shelves[index].Idle.Count == 0)
            index--;
        while (_shelves[index].Idle.Count == 0)
            index++;
        return TakeFrom(_shelves[index]);
    }

    private Pipe TakeFrom(Shelf shelf)
    {
        Pipe pipe = shelf.Idle.Pop();
        _idle--;
        shelf.IdleMin = Math.Min(shelf.IdleMin, shelf.Idle.Count);
        return pipe;
    }

    // To the wanted size, or the next below that is to be had.
    private Pipe Grow(Pipe pipe, PipeSize wanted)
    {
        PipeSize present = SizeOf(pipe);
        if (wanted <= present || _growthsToSkip > 0)
        {
            _growthsToSkip -= wanted > present ? 1 : 0;
            return pipe;
        }
        ShelfOf(pipe).Open--;
        bool isRefused = false;
        for (PipeSize size = wanted; size > present && SizeOf(pipe) == present; size--)
            isRefused |= !_shelves[IndexOf(size)].IsFull && !pipe.TryGrow(size == PipeSize.Large ? LargeBytes : MediumBytes);
        _growthsToSkip = isRefused ? WishesAfterRefusal : 0;
        ShelfOf(pipe).Open++;
        return pipe;
    }

    private void CloseIdle(Shelf shelf) => Close(TakeFrom(shelf));

    private void Close(Pipe pipe)
    {
        ShelfOf(pipe).Open--;
        _open--;
        pipe.Dispose();
    }

    private void CountRefusal() => Volatile.Write(ref _refused, _refused + 1);

    private Shelf ShelfOf(Pipe pipe) => _shelves[IndexOf(SizeOf(pipe))];

    private static int IndexOf(PipeSize size) => (int)size - (int)PipeSize.Small;

    private static PipeSize SizeOf(Pipe pipe) => pipe.CapacityBytes switch
    {
        >= LargeBytes => PipeSize.Large,
        >= MediumBytes => PipeSize.Medium,
        _ => PipeSize.Small,
    };

    /// <summary>The pipes of one size.</summary>
    /// <param name="pipesMax">No more grow to it.</param>
    private sealed class Shelf(int pipesMax)
    {
        internal readonly Stack<Pipe> Idle = new();

        /// <summary>Borrowed or idle.</summary>
        internal int Open;

        /// <summary>The fewest that were idle since the last look: so many are not needed.</summary>
        internal int IdleMin;

        internal bool IsFull => Open >= pipesMax;
    }
}
