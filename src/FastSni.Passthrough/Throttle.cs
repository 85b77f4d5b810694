namespace FastSni.Passthrough;

/// <summary>Lets one thing a second through: trouble that comes by the thousand is told once, and counted otherwise.</summary>
internal sealed class Throttle
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private Instant _next;

    internal bool MayPass(Instant now)
    {
        if (now < _next)
            return false;
        _next = now + Quiet;
        return true;
    }
}
