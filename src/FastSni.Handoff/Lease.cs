using FastSni.Telemetry;

namespace FastSni.Handoff;

/// <summary>
/// A handed-off connection's place in the limits. While it is held, the connection counts as a session: for max-connections, for its client's own limits
/// and for drain. It is also the way back: whoever gave the client away can still ask for the end of its connection.
/// </summary>
public abstract class Lease
{
    private const int Held = (int)CloseReason.None, Returned = -1;

    private int _state;         // Held, the reason its end was asked for, or Returned.
    private Action? _cut;

    /// <summary>Somebody has asked for the end of the connection.</summary>
    public bool IsCloseRequested => Volatile.Read(ref _state) > Held;

    /// <summary>Asks for the end of the connection: it is cut, and its end has this reason. From any thread.</summary>
    /// <returns>False: it has ended, or its end was asked for already.</returns>
    public bool RequestClose(CloseReason reason)
    {
        if (Interlocked.CompareExchange(ref _state, (int)reason, Held) != Held)
            return false;
        Volatile.Read(ref _cut)?.Invoke();
        return true;
    }

    /// <summary>Has the connection cut once its end is asked for; at once if it was already. Then it may be called twice.</summary>
    public void WhenCloseRequested(Action cut)
    {
        // A whole fence, as in the other's exchange: one of both sees what the other has written.
        Interlocked.Exchange(ref _cut, cut);
        if (IsCloseRequested)
            cut();
    }

    /// <summary>The connection has ended. From any thread; only the first call counts.</summary>
    public void Return()
    {
        int before = Interlocked.Exchange(ref _state, Returned);
        if (before != Returned)
            GiveBack((CloseReason)before);
    }

    /// <param name="requested">Why the end was asked for; None = it came by itself.</param>
    protected abstract void GiveBack(CloseReason requested);
}
