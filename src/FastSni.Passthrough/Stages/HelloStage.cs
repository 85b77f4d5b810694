using FastSni.Linux;
using FastSni.Telemetry;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>
/// Waits for a whole ClientHello and reads the server name in it. The hello is peeked at, never taken: it stays in the kernel's queue for whoever gets
/// the socket. With TCP_DEFER_ACCEPT it is nearly always there on the first look, and the socket is not even registered before it is routed.
/// </summary>
internal static class HelloStage
{
    /// <summary>Holds nearly every hello (browsers send about 2 kB); larger ones are peeked into the worker's own buffer.</summary>
    private const int SmallHelloBytes = 4096;

    internal static Phase Run(Session session, Instant now)
    {
        if (session.Origin.Listener.Tcp is { } forward)
            return RouteStage.Forward(session, forward, now);
        if (session.Origin.Listener.IsHttp)
            return RunHttp(session, now);
        if (session.Times.Deadline <= now)
            return CloseStage.Refuse(session, CloseReason.HelloTimeout, default, now);
        if (!session.Client.IsReadable)
            return Phase.Hello;
        if (session.Client.IsUrgent || session.ToBackend.Buffer is not null)
            return UrgentHello.Run(session, now);
        Span<byte> small = stackalloc byte[SmallHelloBytes];
        Phase? next = Look(session, small, now);
        return next ?? Look(session, session.Worker.HelloBuffer, now) ?? CloseStage.Refuse(session, CloseReason.HelloTooLarge, TlsAlert.DecodeError, now);
    }

    /// <summary>What a verdict on the hello leads to; null where a larger buffer must be tried.</summary>
    /// <param name="wire">The bytes as they came, or empty if they were rewritten.</param>
    internal static Phase? Decide(Session session, HelloStatus status, in ClientHello hello, ReadOnlySpan<byte> wire, Instant now) => status switch
    {
        HelloStatus.Complete => RouteStage.ByName(session, hello, wire, now),
        HelloStatus.NotTls => RouteStage.NotTls(session, wire, now),
        HelloStatus.ProxyHeader => ProxyStage.RefuseStray(session, now),
        HelloStatus.TooLarge => CloseStage.Refuse(session, CloseReason.HelloTooLarge, TlsAlert.DecodeError, now),
        HelloStatus.Malformed => CloseStage.Refuse(session, CloseReason.HelloMalformed, TlsAlert.DecodeError, now),
        _ => null,
    };

    /// <summary>Lets the kernel watch; the first time, the session joins those that are pending.</summary>
    internal static Phase Wait(Session session, int needBytes, Instant now)
    {
        session.Client.IsReadable = false;
        if ((session.Flags & SessionFlags.PendingHello) == 0)
        {
            if (PendingHellos.TryEnter(session, now) is { } refused)
                return CloseStage.Finish(session, refused, now);   // At once: lingering is not for a flood.
            session.Expect(session.Times.PhaseStarted + session.Settings.HelloTimeout);
        }
        session.RaiseLowWater(needBytes);
        // Last, since what is there already would be told as an event.
        return session.TryRegister(ref session.Client, TokenKind.Client) ? Phase.Hello : CloseStage.Finish(session, CloseReason.Error, now);
    }

    // Everybody is handed over; a forged PROXY header alone is looked for. It may come in pieces, and where headers are read there is no
    // TCP_DEFER_ACCEPT that brings a stranger's first bytes along.
    private static Phase RunHttp(Session session, Instant now)
    {
        bool mayWait = session.Times.Deadline > now && !session.Client.PeerEnded;
        if (!session.Client.IsReadable && mayWait)
            return Phase.Hello;
        SignatureMatch match = ProxyStage.MatchFirst(session, out IoResult peeked);
        if (match == SignatureMatch.Whole)
            return ProxyStage.RefuseStray(session, now);
        ListenerPlan listener = session.Origin.Listener;
        bool isAwaited = peeked.Bytes > 0 || (peeked.WouldBlock && listener.AcceptsProxy && !listener.AwaitsHeader(session.Peer));
        if (match == SignatureMatch.Partial && isAwaited && mayWait)
            return Wait(session, 1, now);
        PendingHellos.Leave(session);
        return HandoffStage.Run(session, section: null, now);
    }

    private static Phase? Look(Session session, Span<byte> buffer, Instant now)
    {
        IoResult peeked = StreamSocket.Peek(session.Client.Fd, buffer);
        if (peeked.WouldBlock)
            return Wait(session, 1, now);
        if (!peeked.IsOk)
            return CloseStage.Finish(session, CloseReason.ClientReset, now);
        if (peeked.IsEnd)
            return CloseStage.Finish(session, CloseReason.Complete, now);      // Came and went without a word.
        Span<byte> bytes = buffer[..peeked.Bytes];
        HelloStatus status = ClientHello.Read(bytes, session.Settings.HelloBytesMax, out ClientHello hello, out int needBytes);
        if (status != HelloStatus.Incomplete)
            return Decide(session, status, hello, bytes, now);
        if (bytes.Length == buffer.Length)
            return null;
        if (session.Client.PeerEnded)
            return CloseStage.Refuse(session, CloseReason.HelloMalformed, TlsAlert.DecodeError, now);
        return Wait(session, needBytes, now);
    }
}
