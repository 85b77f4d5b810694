using System.Collections.Concurrent;
using FastSni.Handoff;
using FastSni.Telemetry;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>The clients that were handed off and whose connections have not ended. For all threads.</summary>
internal sealed class LeaseTable
{
    private readonly ConcurrentDictionary<long, HandedOffClient> _open = new();

    internal void Add(HandedOffClient client) => _open.TryAdd(client.Id, client);

    /// <returns>Null: it was not there.</returns>
    internal HandedOffClient? Remove(long id) => _open.TryRemove(id, out HandedOffClient? client) ? client : null;

    /// <returns>False: there is none, or it is ending.</returns>
    internal bool TryClose(long id, CloseReason reason) => _open.TryGetValue(id, out HandedOffClient? client) && client.Lease.RequestClose(reason);

    /// <returns>How many were not ending yet.</returns>
    internal int CloseClients(Func<IpEndpoint, bool> isWanted, CloseReason reason)
    {
        int closed = 0;
        foreach ((_, HandedOffClient client) in _open)
        {
            if (isWanted(client.Client) && client.Lease.RequestClose(reason))
                closed++;
        }
        return closed;
    }

    internal void Show(OldestSessions oldest, Instant now)
    {
        foreach ((_, HandedOffClient client) in _open)
        {
            if (oldest.Wants(client.AcceptedMicros, client.Id))
                oldest.Add(ViewOf(client, now));
        }
    }

    private static SessionView ViewOf(HandedOffClient client, Instant now) => new()
    {
        Id = client.Id,
        Listener = client.Listener.Name,
        Client = client.Client,
        Name = client.ServerName,
        Route = client.Section?.Label ?? "",
        Phase = "http",
        AcceptedMicros = client.AcceptedMicros,
        AgeMicros = now.Micros - client.AcceptedMicros,
    };
}
