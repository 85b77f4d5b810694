namespace FastSni.Compare;

/// <summary>
/// Whether there is time for another round: one repetition of one mode with all contenders. A round that would not end in time is not begun, because half
/// of one has contenders without the others they are compared with. The first round of a mode is expected to take as long as the longest yet.
/// </summary>
internal sealed class TimeCap(TimeSpan cap)
{
    private readonly Dictionary<string, TimeSpan> _lastRounds = [];
    private TimeSpan _longest;

    public bool Allows(string mode, TimeSpan elapsed) => elapsed + _lastRounds.GetValueOrDefault(mode, _longest) <= cap;

    /// <summary>Also what was begun has to stop: it took longer than expected.</summary>
    public bool IsOver(TimeSpan elapsed) => elapsed > cap;

    public void Record(string mode, TimeSpan took)
    {
        _lastRounds[mode] = took;
        _longest = took > _longest ? took : _longest;
    }
}
