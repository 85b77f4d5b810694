namespace FastSni.Backends;

/// <summary>What one check has come to think of a server: down after some failures in a row, up again after some successes. Up at first.</summary>
internal sealed class HealthVerdict
{
    /// <summary>A single lost packet or a restart of a moment is no outage.</summary>
    internal const int FailuresToGoDown = 3;

    /// <summary>One answer may be luck.</summary>
    internal const int SuccessesToGoUp = 2;

    private int _contrary;  // Results in a row that speak against the verdict.

    internal bool IsDown { get; private set; }

    /// <returns>True if that changed the verdict.</returns>
    internal bool Record(bool isWell)
    {
        _contrary = isWell == IsDown ? _contrary + 1 : 0;
        if (_contrary < (IsDown ? SuccessesToGoUp : FailuresToGoDown))
            return false;
        (IsDown, _contrary) = (!IsDown, 0);
        return true;
    }
}
