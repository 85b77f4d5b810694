using FastSni.Wire;

namespace FastSni.Operations;

/// <summary>
/// Counts wrong tokens: a peer that has sent five within a minute waits for a minute, and after sixty of all peers together everybody does.
/// Peers are told apart as clients are (an IPv6 /64 is one). Not thread-safe.
/// </summary>
internal sealed class TokenAttempts(TimeProvider time)
{
    internal const int PerPeerMax = 5, InAllMax = 60;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // Bounded by InAllMax: nobody is kept for longer than two minutes, and each minute takes sixty at most.
    private readonly Dictionary<IpEndpoint, Tally> _peers = [];
    private readonly Tally _all = new(InAllMax);

    internal int PeersKept => _peers.Count;

    /// <summary>How long the peer must wait; null = it need not.</summary>
    internal TimeSpan? WaitOf(IpEndpoint peer)
    {
        TimeSpan now = time.GetElapsedTime(0);
        TimeSpan own = _peers.TryGetValue(peer.ClientKey, out Tally? tally) ? tally.Wait(now) : TimeSpan.Zero;
        TimeSpan longest = own > _all.Wait(now) ? own : _all.Wait(now);
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
        if (!_peers.TryGetValue(peer.ClientKey, out Tally? tally))
            _peers[peer.ClientKey] = tally = new Tally(PerPeerMax);
        tally.Count(now);
        _all.Count(now);
    }

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
