using System.Collections.Immutable;
using FastSni.Config;
using FastSni.Linux;
using FastSni.Wire;
using Microsoft.Extensions.Logging;

namespace FastSni.Passthrough;

/// <summary>
/// The listening sockets of the gateway: for every address one per worker (SO_REUSEPORT). An address that stays over a reload keeps its sockets, since
/// closing one would lose the clients in its queue. For the same reason the sockets that a predecessor handed over are all kept, however many they are.
/// </summary>
internal sealed class ListenerSet(int workers, ILogger log)
{
    /// <summary>TCP_DEFER_ACCEPT where clients speak first: a silent client stays hidden this long, and a talking one comes with its first bytes. Not where
    /// PROXY headers are read: their timeout counts from the connection's begin.</summary>
    private const int DeferAcceptSeconds = 1;

    private Dictionary<IpEndpoint, ImmutableArray<ListenSocket>> _open = [];
    private Dictionary<IpEndpoint, ImmutableArray<ListenSocket>> _inherited = [];

    /// <summary>The first worker's bound addresses, with real ports where 0 was asked for.</summary>
    internal IEnumerable<IpEndpoint> Endpoints => _open.Values.Select(sockets => sockets[0].Local);

    /// <summary>Every open socket, of all workers.</summary>
    internal IEnumerable<Fd> Descriptors => _open.Values.SelectMany(sockets => sockets).Select(socket => socket.Fd);

    /// <summary>Sockets that listen already. The first plan takes those of its addresses; the others are closed then.</summary>
    internal void Inherit(IEnumerable<ListenSocket> sockets) => _inherited = sockets.GroupBy(socket => socket.Local).ToDictionary(group => group.Key, ImmutableArray.ToImmutableArray);

    /// <summary>Opens what the plan has and is not open yet, all or nothing.</summary>
    /// <param name="errors">Why not; the sockets are then as before.</param>
    /// <returns>For each worker its listeners.</returns>
    internal ImmutableArray<ImmutableArray<WorkerListener>>? TryOpen(RoutingPlan plan, List<string> errors)
    {
        Dictionary<IpEndpoint, ImmutableArray<ListenSocket>> wanted = [];
        List<(IpEndpoint Address, Listener Config, ListenerPlan Plan)> used = [];
        List<ListenSocket> fresh = [];
        foreach ((Listener listener, ListenerPlan listenerPlan) in plan.Listeners)
        {
            foreach (ListenEndpoint endpoint in listener.Endpoints)
            {
                IpEndpoint address = IpEndpoint.Create(endpoint.Address, endpoint.Port);
                if (!_open.TryGetValue(address, out ImmutableArray<ListenSocket> sockets) && !_inherited.TryGetValue(address, out sockets))
                {
                    if (TryOpen(address, listener, endpoint.IsOptional, wanted.Keys, errors) is not { } opened)
                        continue;
                    sockets = opened;
                    fresh.AddRange(opened);
                }
                wanted[address] = sockets;
                used.Add((address, listener, listenerPlan));
            }
        }
        if (errors.Count > 0)
        {
            foreach (ListenSocket socket in fresh)
                socket.Dispose();
            return null;
        }
        foreach ((IpEndpoint address, Listener config, _) in used)
        {
            wanted[address] = Complete(wanted[address]);
            Settle(wanted[address], config, isFresh: !_open.ContainsKey(address));
        }
        foreach (IpEndpoint gone in _open.Keys.Concat(_inherited.Keys).Except(wanted.Keys))
            Log.NotListening(log, gone.ToString());
        CloseInherited(except: wanted.Keys);
        _open = wanted;
        return [.. Enumerable.Range(0, workers).Select(worker => used.SelectMany(one => Share(wanted[one.Address], one.Plan, worker)).ToImmutableArray())];
    }

    /// <summary>Forgets the sockets; the workers that own them close them.</summary>
    internal void Clear()
    {
        CloseInherited(except: []);
        _open = [];
    }

    // More sockets than workers: some serve several.
    private IEnumerable<WorkerListener> Share(ImmutableArray<ListenSocket> sockets, ListenerPlan plan, int worker) =>
        sockets.Where((_, index) => index % workers == worker).Select(socket => new WorkerListener(socket, plan));

    // Fewer inherited sockets than workers. Done last: a socket that joins a group is given clients at once, and they would be lost with it.
    private ImmutableArray<ListenSocket> Complete(ImmutableArray<ListenSocket> sockets) =>
        [.. sockets, .. Enumerable.Range(0, Math.Max(0, workers - sockets.Length)).Select(_ => OpenAnother(sockets[0]))];

    private static ListenSocket OpenAnother(ListenSocket first)
    {
        try
        {
            return ListenSocket.Open(first.Local, shared: true, out _);
        }
        catch (LinuxException failure) when (failure.Error == Errno.AddressInUse)
        {
            // No group: opened by systemd without ReusePort=.
            return first.Duplicate();
        }
    }

    private void CloseInherited(IEnumerable<IpEndpoint> except)
    {
        foreach (IpEndpoint unused in _inherited.Keys.Except(except))
        {
            foreach (ListenSocket socket in _inherited[unused])
                socket.Dispose();
        }
        _inherited = [];
    }

    private ImmutableArray<ListenSocket>? TryOpen(
        IpEndpoint address, Listener listener, bool isOptional, IEnumerable<IpEndpoint> opened, List<string> errors)
    {
        List<ListenSocket> sockets = [];
        try
        {
            // Another program of the same user could share the port unnoticed and take half of the clients: a port of ours is asked for alone first.
            if (!_open.Keys.Concat(_inherited.Keys).Concat(opened).Any(known => known.Port == address.Port))
                ListenSocket.ThrowIfTaken(address);
            for (int i = 0; i < workers; i++)
            {
                // With port 0 the first socket finds a port for all.
                sockets.Add(ListenSocket.Open(i == 0 ? address : sockets[0].Local, shared: true, out bool isFree));
                if (isFree && i == 0)
                    Log.BoundFree(log, address.ToString(), listener.Name);
            }
            return [.. sockets];
        }
        catch (LinuxException failure)
        {
            foreach (ListenSocket socket in sockets)
                socket.Dispose();
            if (isOptional && failure.Error is Errno.AddressFamilyNotSupported or Errno.AddressNotAvailable)
                Log.ListenerLeftOut(log, address.ToString(), listener.Name, failure.Message);
            else
                errors.Add($"[listen:{listener.Name}] address: {address}: {Remedy(failure, address)}");
            return null;
        }
    }

    private void Settle(ImmutableArray<ListenSocket> sockets, Listener listener, bool isFresh)
    {
        foreach (ListenSocket socket in sockets)
            socket.DeferAccept(listener.Mode == ListenMode.Tcp || listener.AcceptProxy != AcceptProxy.Off ? 0 : DeferAcceptSeconds);
        if (isFresh)
            Log.Listening(log, sockets[0].Local.ToString(), listener.Name, ModeWord(listener.Mode), workers);
    }

    private static string ModeWord(ListenMode mode) => mode switch { ListenMode.Tls => "tls", ListenMode.Http => "http", _ => "tcp" };

    private static string Remedy(LinuxException failure, IpEndpoint address) => failure.Error switch
    {
        Errno.AddressInUse => PortOwner.TryFind(address) is { } owner
            ? $"already in use by {owner}" : $"already in use by another program; `ss -ltnp 'sport = :{address.Port}'` names it to root",
        Errno.AccessDenied or Errno.NotPermitted => "a port below 1024 needs CAP_NET_BIND_SERVICE (AmbientCapabilities= in a systemd unit) or root",
        _ => failure.Message,
    };
}
