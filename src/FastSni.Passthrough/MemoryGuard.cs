using FastSni.Linux;
using Microsoft.Extensions.Logging;

namespace FastSni.Passthrough;

/// <summary>
/// Looks a few times a second at how near the process is to the memory limit of its cgroup. Behind that limit the kernel kills it with every session
/// it carries, so new clients are refused a little before.
/// </summary>
public sealed class MemoryGuard : IDisposable
{
    private const double ShortFrom = 0.90;
    private const double EnoughBelow = 0.87;    // Apart, or every session that ends would change the answer.

    private const double NearFrom = 0.70;       // A thousand handshakes a second are 40 MB: a tenth of a small limit is soon gone.

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan IntervalNear = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan IntervalWithoutLimit = TimeSpan.FromMinutes(1);    // One may be set while we run: systemctl set-property.
    private static readonly TimeSpan CollectInterval = TimeSpan.FromSeconds(10);

    private readonly CgroupMemory _memory;
    private readonly ILogger _log;
    private readonly Throttle _messages = new();
    private readonly Timer _timer;
    private readonly Lock _looking = new();
    private bool _isDisposed;
    private volatile bool _isShort;
    private bool _wasTold;
    private double _fraction;
    private Instant _nextCollect;

    /// <param name="memory">Disposed with the guard.</param>
    public MemoryGuard(CgroupMemory memory, ILogger log)
        : this(memory, log, firstLook: memory.HasLevels ? TimeSpan.Zero : Timeout.InfiniteTimeSpan)
    {
    }

    internal MemoryGuard(CgroupMemory memory, ILogger log, TimeSpan firstLook)
    {
        (_memory, _log) = (memory, log);
        _timer = new Timer(_ => LookAndWait());
        _timer.Change(firstLook, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Nine tenths of the memory are used, and have been since it was last clearly less.</summary>
    public bool IsShort => _isShort;

    /// <summary>Of the limit that is nearest, as last looked; 0 where there is none.</summary>
    public double UsedFraction => Volatile.Read(ref _fraction);

    /// <summary>Calls must not overlap.</summary>
    /// <returns>False where there is no limit now.</returns>
    internal bool Look(Instant now)
    {
        CgroupUse use = _memory.Sample();
        Volatile.Write(ref _fraction, use.Fraction);
        _isShort = use.Fraction >= (_isShort ? EnoughBelow : ShortFrom);
        if (_isShort)
            Collect(now);
        if (_isShort != _wasTold && _messages.MayPass(now))
            Tell(use);
        return use.LimitBytes > 0;
    }

    public void Dispose()
    {
        lock (_looking)
        {
            _isDisposed = true;
            _timer.Dispose();
            _memory.Dispose();
        }
    }

    private void LookAndWait()
    {
        lock (_looking)
        {
            if (!_isDisposed)
                _timer.Change(!Look(Instant.Now()) ? IntervalWithoutLimit : UsedFraction >= NearFrom ? IntervalNear : Interval, Timeout.InfiniteTimeSpan);
        }
    }

    // Part of what is used may be garbage, and while clients are refused little happens that would make the collector come by itself.
    private void Collect(Instant now)
    {
        if (now < _nextCollect)
            return;
        _nextCollect = now + CollectInterval;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private void Tell(CgroupUse use)
    {
        _wasTold = _isShort;
        if (_isShort)
            Log.MemoryShort(_log, use.UsedBytes >> 20, use.LimitBytes >> 20, use.Path);
        else
            Log.MemoryEnough(_log, use.UsedBytes >> 20, use.LimitBytes >> 20);
    }
}
