namespace FastSni.Operations;

/// <summary>Lets the first pass, and then one per interval. For one thread.</summary>
internal sealed class Throttle(TimeProvider time, TimeSpan interval)
{
    private long? _lastPass;

    public bool TryPass()
    {
        long now = time.GetTimestamp();
        if (_lastPass is { } last && time.GetElapsedTime(last, now) < interval)
            return false;
        _lastPass = now;
        return true;
    }
}
