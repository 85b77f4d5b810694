namespace FastSni.Operations;

/// <summary>What the admin server has refused since the start.</summary>
public sealed class AdminCounters
{
    private long _peersRefused, _connectionsRefused, _tokensWrong, _attemptsLimited;

    /// <summary>Connections from outside `allow`.</summary>
    public long PeersRefused => Interlocked.Read(ref _peersRefused);

    /// <summary>Connections beyond the limit.</summary>
    public long ConnectionsRefused => Interlocked.Read(ref _connectionsRefused);

    public long TokensWrong => Interlocked.Read(ref _tokensWrong);

    /// <summary>Changes answered 429 for the wrong tokens before them.</summary>
    public long AttemptsLimited => Interlocked.Read(ref _attemptsLimited);

    /// <summary>For a status report: every name with its count.</summary>
    public IEnumerable<KeyValuePair<string, long>> All() =>
    [
        new("admin-peers-refused", PeersRefused),
        new("admin-connections-refused", ConnectionsRefused),
        new("admin-tokens-wrong", TokensWrong),
        new("admin-attempts-limited", AttemptsLimited),
    ];

    internal void CountPeerRefused() => Interlocked.Increment(ref _peersRefused);

    internal void CountConnectionRefused() => Interlocked.Increment(ref _connectionsRefused);

    internal void CountTokenWrong() => Interlocked.Increment(ref _tokensWrong);

    internal void CountAttemptLimited() => Interlocked.Increment(ref _attemptsLimited);
}
