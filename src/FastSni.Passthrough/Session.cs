using FastSni.Linux;
using FastSni.Telemetry;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>
/// One client and, once routed, its backend. A session lives in a fixed slot of its worker and is used again and again; the stages own the logic, this
/// holds what they share.
/// </summary>
internal sealed class Session(Worker worker, int slot)
{
    private Phase _phase;
    private int _phaseBytes;    // Of three phases, which never meet: sessions are many.
    private ProxiedAddresses? _proxied;     // Made when a slot first needs it and used again, so that sessions behind a proxy leave no garbage.

    internal readonly Worker Worker = worker;
    internal readonly int Slot = slot;

    internal Side Client, Backend;
    internal Direction ToBackend, ToClient;
    internal Origin Origin;
    internal Destination Destination;
    internal Times Times;
    internal HelloText Hello;
    internal SessionFlags Flags;
    internal CloseReason Reason;

    /// <summary>How long connecting took; 0 until then (see <see cref="SessionFlags.Connected"/>).</summary>
    internal int ConnectMicros;

    /// <summary>Unique in the process, and positive; the operator's word for this use of the slot.</summary>
    internal long Id;

    /// <summary>Of a hello or a PROXY header: bytes that must be there before another look is worth it; 0 if nothing is known of them.</summary>
    internal int NeedBytes { get => _phaseBytes; set => _phaseBytes = value; }

    /// <summary>Bytes unacknowledged by both peers when the deadline was last looked at.</summary>
    internal int QueuedAtDeadline { get => _phaseBytes; set => _phaseBytes = value; }

    /// <summary>Bytes of a refused client that were thrown away.</summary>
    internal int DiscardedBytes { get => _phaseBytes; set => _phaseBytes = value; }

    internal Phase Phase => _phase;

    internal bool IsOpen => _phase != Phase.Closed;

    internal bool IsPumping => _phase == Phase.Pumping;

    /// <summary>Who is at the other end of the socket: the client, or the proxy that has named it.</summary>
    internal IpEndpoint Peer => IsProxied ? _proxied!.Peer : Origin.Client;

    private bool IsProxied => (Flags & SessionFlags.Proxied) != 0;

    internal WorkerSettings Settings => Origin.Listener.Settings;

    internal void Open(Fd client, Origin origin, ushort localPort, Phase first, Instant now)
    {
        Id = Worker.NextSessionId();
        Client.Fd = client;
        Client.IsReadable = true;
        (Origin, Destination.LocalPort) = (origin, localPort);
        Times.Accepted = Times.PhaseStarted = now;
        Times.Deadline = Instant.Never;
        _phase = first;
    }

    /// <summary>Takes the addresses of a PROXY header for those of the connection.</summary>
    internal void Restore(IpEndpoint source, IpEndpoint destination)
    {
        _proxied ??= new ProxiedAddresses();
        (_proxied.Peer, _proxied.Destination) = (Origin.Client, destination);
        Origin = Origin with { Client = source };
        if (destination.Port != 0)
            Destination.LocalPort = destination.Port;   // There is no connecting to port 0.
        Flags |= SessionFlags.Proxied;
    }

    /// <summary>Where the client has connected to: the PROXY header's word, or our own address. None if the socket has none.</summary>
    internal IpEndpoint LocalEndpoint() => IsProxied ? _proxied!.Destination : StreamSocket.LocalEndpoint(Client.Fd);

    /// <summary>Goes as far as the kernel allows. Called for an event, for a deadline that passed and for a new turn; the stages find out which.</summary>
    internal void Advance(Instant now)
    {
        Phase before;
        do
        {
            before = _phase;
            _phase = before switch
            {
                Phase.ProxyHeader => ProxyStage.Run(this, now),
                Phase.Hello => HelloStage.Run(this, now),
                Phase.Connecting => ConnectStage.Run(this, now),
                Phase.Greeting => GreetStage.Run(this, now),
                Phase.Pumping => PumpStage.Run(this, now),
                Phase.Resetting => ResetStage.Run(this, now),
                Phase.Lingering => LingerStage.Run(this, now),
                _ => before,
            };
        }
        while (_phase != before);   // The same phase means: wait for the kernel.
    }

    /// <summary>Ends the session from outside its stages: by an operator, for a ban, at the end of a drain, after a fault.</summary>
    internal void End(CloseReason reason, Instant now) => _phase = CloseStage.Finish(this, reason, now);

    /// <summary>The stage that runs next sees to it that the session is looked at by then.</summary>
    internal void Expect(Instant deadline)
    {
        Times.Deadline = deadline;
        Worker.Timers.Schedule(Slot, deadline);
    }

    /// <summary>Puts a socket into the epoll set, once and for all edges.</summary>
    internal bool TryRegister(ref Side side, TokenKind kind) =>
        side.IsRegistered || (side.IsRegistered = Worker.TryWatch(side.Fd, TokenOf(kind)));

    /// <summary>What events of this use of the slot, and of the present attempt at a backend, carry.</summary>
    internal Token TokenOf(TokenKind kind) => new(kind, Slot, (uint)Id, kind == TokenKind.Backend ? Destination.Attempts : 0);

    /// <summary>Waking only for what is known to be needed makes a hello dripped byte by byte cost a handful of looks, not one a byte.</summary>
    internal void RaiseLowWater(int needBytes)
    {
        // Where the receive buffer is nearly full the kernel answers each setting with an event (tcp_set_rcvlowat): the same one again would spin.
        if (needBytes <= 1 || needBytes == NeedBytes)
            return;
        NeedBytes = needBytes;
        Flags |= SessionFlags.LowWaterRaised;
        StreamSocket.ReceiveLowWater(Client.Fd, needBytes);
    }

    /// <summary>A low water mark left high would silence whoever reads the socket next.</summary>
    internal void RestoreLowWater()
    {
        if ((Flags & SessionFlags.LowWaterRaised) == 0)
            return;
        StreamSocket.ReceiveLowWater(Client.Fd, 1);
        Flags &= ~SessionFlags.LowWaterRaised;
        NeedBytes = 0;
    }

    /// <summary>Forgets everything; the slot is free.</summary>
    internal void Clear()
    {
        Client = Backend = default;
        ToBackend = ToClient = default;
        Origin = default;
        Destination = default;
        Times = default;
        Hello = default;
        Flags = SessionFlags.None;
        Reason = CloseReason.None;
        _phaseBytes = ConnectMicros = 0;
    }
}

/// <summary>Where a session came from.</summary>
/// <param name="Client">The client's address; from a PROXY header once one was read.</param>
internal readonly record struct Origin(ListenerPlan Listener, IpEndpoint Client);

/// <summary>A session's moments.</summary>
internal struct Times
{
    internal Instant Accepted;
    internal Instant Deadline;
    /// <summary>Of the hello (accept, or the end of the PROXY header), of the first attempt to connect, or of the phase that began the end.</summary>
    internal Instant PhaseStarted;
}

[Flags]
internal enum SessionFlags : byte
{
    None = 0,
    /// <summary>Counted among the pending hellos.</summary>
    PendingHello = 1,
    /// <summary>The client's SO_RCVLOWAT is <see cref="Session.NeedBytes"/>.</summary>
    LowWaterRaised = 2,
    /// <summary>A backend was reached.</summary>
    Connected = 4,
    /// <summary>Keepalive probes are on towards the backend.</summary>
    KeepsAlive = 8,
    /// <summary>Waits for another turn in the worker's list.</summary>
    Revisiting = 16,
    /// <summary>Counted in the client table.</summary>
    CountedByClient = 32,
    /// <summary>A PROXY header has named the client.</summary>
    Proxied = 64,
}

/// <summary>The addresses of a session whose client a PROXY header has named, besides the client's.</summary>
internal sealed class ProxiedAddresses
{
    /// <summary>The proxy.</summary>
    internal IpEndpoint Peer;

    /// <summary>Where the client has connected to.</summary>
    internal IpEndpoint Destination;
}
