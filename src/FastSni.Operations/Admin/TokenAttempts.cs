using FastSni.Wire;

namespace FastSni.Operations;

/// <summary>
/// Counts wrong tokens: a peer that has sent five within a minute waits for a minute, and after sixty of all peers together every stranger does.
/// Strangers are told apart as clients are (an IPv6 /64 is one). An address that has shown the right token is none, so that guesses of others
/// don't keep it out: it answers for itself alone. Not thread-safe.
/// </summary>
internal sealed class TokenAttempts(TimeProvider time)
{
    internal const int PerPeerMax = 5, InAllMax = 60, KnownMax = 64;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // Bounded by InAllMax and KnownMax: nobody is kept for longer than two minutes, and each minute takes sixty strangers at most.
    private readonly Dictionary<IpEndpoint, Tally> _peers = [];
    private readonly List<IpEndpoint> _known = [];      // The one that was known first comes first, and goes first.
    private readonly Tally _all = new(InAllMax);

    internal int PeersKept => _peers.Count;

    /// <summary>How long the peer must wait; null = it need not.</summary>
    internal TimeSpan? WaitOf(IpEndpoint peer)
    {
        TimeSpan now = time.GetElapsedTime(0);
        TimeSpan own = _peers.TryGetValue(KeyOf(peer), out Tally? tally) ? tally.Wait(now) : TimeSpan.Zero;
        TimeSpan longest = own > _all.Wait(now) || IsKnown(peer) ? own : _all.Wait(now);
        return longest > TimeSpan.Zero ? longest : null;
    }

    internal void CountWrong(IpEndpoint peer)
    {
        TimeSpan now = time.GetElapsedTime(0);
        foreach ((IpEndpoint known, Tally past) in _peers)
        {
            if (past.IsOver(now))
                _peers.Remove(known);
        }
        if (!_peers.TryGetValue(KeyOf(peer), out Tally? tally))
            _peers[KeyOf(peer)] = tally = new Tally(PerPeerMax);
        tally.Count(now);
        _all.Count(now);
    }

    internal void CountRight(IpEndpoint peer)
    {
        if (IsKnown(peer))
            return;
        if (_known.Count == KnownMax)
            _known.RemoveAt(0);
        _known.Add(peer.WithPort(0));
    }

    internal bool IsKnown(IpEndpoint peer) => _known.Contains(peer.WithPort(0));

    private IpEndpoint KeyOf(IpEndpoint peer) => IsKnown(peer) ? peer.WithPort(0) : peer.ClientKey;

    private sealed class Tally(int max)
    {
        private int _count;
        private TimeSpan _ends;

        internal bool IsOver(TimeSpan now) => now >= _ends;

        internal TimeSpan Wait(TimeSpan now) => _count >= max && !IsOver(now) ? _ends - now : TimeSpan.Zero;

        internal void Count(TimeSpan now)
        {
            if (IsOver(now))
                (_count, _ends) = (0, now + Window);
            if (++_count == max)
                _ends = now + Window;
        }
    }
}
