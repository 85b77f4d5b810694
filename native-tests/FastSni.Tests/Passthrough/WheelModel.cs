using FastSni.Passthrough;
using Xunit;

namespace FastSni.Tests.Passthrough;

/// <summary>
/// A timer wheel beside the simplest thing that does the same, with a clock that is moved by hand; each step checks one against the other.
/// </summary>
internal sealed class WheelModel
{
    internal const int SlotsMax = 1_000;

    private const long TickMicros = 1 << 14;

    /// <summary>Deadlines farther off than this may be given back early, to be scheduled again.</summary>
    private const long HorizonMicros = ((1L << 24) - 1) * TickMicros;

    private readonly TimerWheel _wheel;
    private readonly Dictionary<int, Instant> _due = [];
    private readonly HashSet<int> _far = [];
    private Instant _lastLook;

    internal WheelModel(Instant start)
    {
        (_wheel, Now, _lastLook) = (new TimerWheel(start), start, start);
        _wheel.GrowTo(SlotsMax - 1);
    }

    internal Instant Now { get; private set; }

    internal int Pending => _due.Count;

    internal int Expired { get; private set; }

    /// <summary>A slot that is scheduled keeps the earlier of both deadlines. One in the past is due now.</summary>
    internal void Schedule(int slot, Instant due)
    {
        _wheel.Schedule(slot, due);
        due = due < Now ? Now : due;
        if (_due.TryGetValue(slot, out Instant known) && known <= due)
            return;
        _due[slot] = due;
        // What was placed at the horizon stays there, should the new deadline lie behind that.
        if (due.Micros - _lastLook.Micros >= HorizonMicros)
            _far.Add(slot);
    }

    internal void Cancel(int slot)
    {
        _wheel.Cancel(slot);
        _due.Remove(slot);
        _far.Remove(slot);
    }

    /// <summary>Moves the clock and takes what is due, as a worker does at the end of a turn.</summary>
    internal void Advance(TimeSpan by)
    {
        Now += by;
        List<(int Slot, Instant Due)> early = [];
        while (_wheel.TryExpire(Now, out int slot))
        {
            Assert.True(_due.Remove(slot, out Instant due), $"slot {slot} is not scheduled");
            bool isFar = _far.Remove(slot);
            if (due <= Now)
                Expired++;
            else
                early.Add((slot, isFar ? due : throw new InvalidOperationException($"slot {slot} is {due.Micros - Now.Micros} µs early")));
        }
        _lastLook = Now;
        foreach ((int slot, Instant due) in early)
            Schedule(slot, due);
        Assert.DoesNotContain(_due, pair => pair.Value.Micros + TickMicros <= Now.Micros);
    }

    /// <summary>Sleeps exactly as long as the wheel says, which is never past the tick of the earliest deadline.</summary>
    /// <returns>False if it would sleep without end.</returns>
    internal bool Sleep()
    {
        int milliseconds = _wheel.TimeoutMilliseconds(Now);
        Assert.Equal(_due.Count == 0, milliseconds < 0);
        if (milliseconds < 0)
            return false;
        // epoll_wait counts whole milliseconds, so up to one more may pass.
        long latest = Math.Max(Now.Micros, _due.Values.Min(due => due.Micros) + TickMicros) + 1_000;
        Assert.InRange(Now.Micros + milliseconds * 1_000L, Now.Micros, latest);
        Advance(TimeSpan.FromMilliseconds(milliseconds));
        return true;
    }
}
