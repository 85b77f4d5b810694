namespace FastSni.Handoff;

/// <summary>
/// A handed-off connection's place in the limits. While it is held, the connection counts as a session: for max-connections, for its client's own limits
/// and for drain.
/// </summary>
public abstract class Lease
{
    private int _isReturned;

    /// <summary>The connection has ended. From any thread; only the first call counts.</summary>
    public void Return()
    {
        if (Interlocked.Exchange(ref _isReturned, 1) == 0)
            GiveBack();
    }

    protected abstract void GiveBack();
}
