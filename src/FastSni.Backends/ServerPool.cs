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

    internal ServerPool(ImmutableArray<Server> servers, Balance balance) => (_servers, _balance) = (servers, balance);

    public ImmutableArray<Server> Servers => _servers;

    /// <summary>
    /// Chooses a server that is not in <paramref name="tried"/>: first among those that are up, and where none is left, among the others; a mark only
    /// changes the order, so that a lone server that failed once is still asked.
    /// </summary>
    /// <param name="tried">Bit i is set for <c>Servers[i]</c>; the chosen one is added.</param>
    /// <returns>null when every server with a known address has been tried.</returns>
    public Server? Pick(IpEndpoint client, ref ulong tried, long nowMicros)
    {
        int chosen = Choose(client, tried, nowMicros);
        if (chosen < 0)
            return null;
        tried |= 1UL << chosen;
        return _servers[chosen];
    }

    private int Choose(IpEndpoint client, ulong tried, long nowMicros)
    {
        if (_servers.Length == 1)
            return tried == 0 && _servers[0].IsReachable ? 0 : -1;
        int start = _balance == Balance.Source ? 0 : (int)((Interlocked.Increment(ref _turn) - 1) % (uint)_servers.Length);
        int best = -1, bestDown = -1;
        for (int i = 0; i < _servers.Length; i++)
        {
            int index = (start + i) % _servers.Length;
            Server server = _servers[index];
            if ((tried & (1UL << index)) != 0 || !server.IsReachable)
                continue;
            if (!server.IsUp)
                bestDown = IsBetter(index, bestDown, client) ? index : bestDown;
            else
                best = IsBetter(index, best, client) ? index : best;
        }
        // A server whose back-off is over gets one session to show that it is well again; the session goes on to the next if it is not.
        if (bestDown >= 0 && (best < 0 || _servers[bestDown].MayBeTried(nowMicros)))
            return bestDown;
        return best;
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
