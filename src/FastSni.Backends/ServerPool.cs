using System.Collections.Immutable;
using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Backends;

/// <summary>The servers of one route, and which of them the next session gets.</summary>
public sealed class ServerPool
{
    private readonly ImmutableArray<Server> _servers;
    private readonly Balance _balance;
    private uint _turn;     // Round-robin position; shared by the workers.
    private ulong _draining;    // Bit i for the i-th server.

    /// <param name="section">The label of the section that the list stands in.</param>
    internal ServerPool(string section, ImmutableArray<Server> servers, Balance balance) => (Section, _servers, _balance) = (section, servers, balance);

    internal string Section { get; }

    public ImmutableArray<Server> Servers => _servers;

    /// <summary>
    /// Chooses a server that is not in <paramref name="tried"/>: first among those that are up, then among those that failed a session, at
    /// last among those that a health check calls down; a mark only changes the order, so that a lone server that failed once is still asked.
    /// One that drains is not chosen at all.
    /// </summary>
    /// <param name="tried">Bit i is set for <c>Servers[i]</c>; the chosen one is added.</param>
    /// <returns>null when every server with a known address has been tried or drains.</returns>
    public Server? Pick(IpEndpoint client, ref ulong tried, long nowMicros)
    {
        int chosen = Choose(client, tried | Volatile.Read(ref _draining), nowMicros);
        if (chosen < 0)
            return null;
        tried |= 1UL << chosen;
        return _servers[chosen];
    }

    internal void SetDraining(Predicate<Server> isDraining)
    {
        ulong draining = 0;
        for (int i = 0; i < _servers.Length; i++)
            draining |= isDraining(_servers[i]) ? 1UL << i : 0;
        Volatile.Write(ref _draining, draining);
    }

    internal IEnumerable<ServerState> Report()
    {
        ulong draining = Volatile.Read(ref _draining);
        return _servers.Select((server, i) =>
        {
            ServerCondition condition = (draining & (1UL << i)) != 0 ? ServerCondition.Draining : server.IsUp ? ServerCondition.Up : ServerCondition.Down;
            return new ServerState(server.Config.Text, condition, server.Active);
        });
    }

    /// <param name="excluded">As in <see cref="Pick"/>.</param>
    private int Choose(IpEndpoint client, ulong excluded, long nowMicros)
    {
        if (_servers.Length == 1)
            return excluded == 0 && _servers[0].IsReachable ? 0 : -1;
        int start = _balance == Balance.Source ? 0 : (int)((Interlocked.Increment(ref _turn) - 1) % (uint)_servers.Length);
        int best = -1, bestMarked = -1, bestCalledDown = -1;
        for (int i = 0; i < _servers.Length; i++)
        {
            int index = (start + i) % _servers.Length;
            Server server = _servers[index];
            if ((excluded & (1UL << index)) != 0 || !server.IsReachable)
                continue;
            ref int rank = ref best;
            if (server.IsCalledDown)
                rank = ref bestCalledDown;
            else if (!server.IsUp)
                rank = ref bestMarked;
            if (IsBetter(index, rank, client))
                rank = index;
        }
        // A server whose back-off is over gets one session to show that it is well again; the session goes on to the next if it is not.
        if (bestMarked >= 0 && (best < 0 || _servers[bestMarked].MayBeTried(nowMicros)))
            return bestMarked;
        return best >= 0 ? best : bestCalledDown;
    }

    private bool IsBetter(int candidate, int best, IpEndpoint client)
    {
        if (best < 0)
            return true;
        return _balance switch
        {
            Balance.LeastConnections => _servers[candidate].Active < _servers[best].Active,
            Balance.Source => SourceHash.Weight(client, _servers[candidate].Hash) > SourceHash.Weight(client, _servers[best].Hash),
            _ => false,     // Round-robin: the first from the turn's start.
        };
    }
}
