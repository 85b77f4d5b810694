using FastSni.Linux;

namespace FastSni.Passthrough;

/// <summary>
/// A worker's pipes. One is borrowed while it holds bytes and comes back empty; one that still holds bytes is destroyed, so that no byte of one client
/// ever meets another.
/// </summary>
/// <param name="workers">How many pools share the user's pipe pages.</param>
/// <param name="pipesMax">Pipes at once; past it flows are copied. Two descriptors each.</param>
internal sealed class PipePool(int workers, int pipesMax) : IDisposable
{
    /// <summary>The first pipes are large (the most bytes a call), the others moderate: an unprivileged user owns 64 MiB of pipe in all (pipe(7)).</summary>
    private const int LargePipesOfAll = 16, LargeBytes = 1024 * 1024, ModerateBytes = 256 * 1024;

    private const int IdlePipesMax = 64;

    /// <summary>A kernel that refused a pipe is not asked again for this many wishes: asking in vain costs five calls.</summary>
    private const int WishesAfterRefusal = 256;

    private readonly int _largePipes = Math.Max(1, LargePipesOfAll / workers);
    private readonly Stack<Pipe> _idle = new(IdlePipesMax);
    private int _open, _wishesToSkip;
    private long _refused;

    /// <summary>Reads that had to be copies for want of a pipe.</summary>
    internal long Refused => Volatile.Read(ref _refused);

    /// <summary>Borrowed or idle. To other threads than the worker's this and the next are as of a moment ago.</summary>
    internal int Open => Volatile.Read(ref _open);

    internal int Idle => _idle.Count;

    /// <summary>An empty pipe, or null: out of descriptors, out of the user's share of pipe pages, or at the limit.</summary>
    internal Pipe? TryBorrow()
    {
        if (_idle.TryPop(out Pipe? pipe))
            return pipe;
        if (_open == pipesMax || _wishesToSkip-- > 0)
        {
            CountRefusal();
            return null;
        }
        pipe = Pipe.TryOpen(_open < _largePipes ? LargeBytes : ModerateBytes);
        _wishesToSkip = pipe is null ? WishesAfterRefusal : 0;
        if (pipe is null)
            CountRefusal();
        else
            _open++;
        return pipe;
    }

    internal void Return(Pipe pipe, bool isEmpty)
    {
        if (isEmpty && _idle.Count < IdlePipesMax)
        {
            _idle.Push(pipe);
            return;
        }
        pipe.Dispose();
        _open--;
    }

    /// <summary>Gives the descriptors of idle pipes back: somebody needs them more.</summary>
    internal void DropIdle()
    {
        while (_idle.TryPop(out Pipe? pipe))
        {
            pipe.Dispose();
            _open--;
        }
    }

    private void CountRefusal() => Volatile.Write(ref _refused, _refused + 1);

    public void Dispose() => DropIdle();
}
