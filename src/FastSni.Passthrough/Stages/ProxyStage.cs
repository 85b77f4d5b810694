using FastSni.Linux;
using FastSni.Telemetry;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>
/// Waits for the PROXY header of a trusted peer and takes the addresses in it for those of the connection. It is peeked at until it is whole; then
/// exactly its bytes are taken off the queue, so that what the client itself sent lies there as if it had come without a proxy.
/// </summary>
internal static class ProxyStage
{
    /// <summary>Holds every version 1 line and most of version 2; larger ones are peeked into the worker's own buffer.</summary>
    private const int SmallHeaderBytes = 256;

    /// <summary>The longer of the two signatures (proxy-protocol.txt 2.2).</summary>
    private const int SignatureBytesMax = 12;

    internal static Phase Run(Session session, Instant now)
    {
        if (!session.Client.IsReadable && !IsLate(session, now))
            return Phase.ProxyHeader;
        Span<byte> small = stackalloc byte[SmallHeaderBytes];
        return Look(session, small, now) ?? Look(session, session.Worker.HelloBuffer, now) ?? RefuseMalformed(session, now);
    }

    /// <summary>Whether the bytes that are there begin with a signature, or may come to.</summary>
    internal static SignatureMatch MatchFirst(Session session, out IoResult peeked)
    {
        Span<byte> first = stackalloc byte[SignatureBytesMax];
        peeked = StreamSocket.Peek(session.Client.Fd, first);
        return ProxyHeader.MatchSignature(first[..peeked.Bytes]);
    }

    /// <summary>Refuses a header that nobody waited for: whoever sent it wants to be taken for somebody else.</summary>
    internal static Phase RefuseStray(Session session, Instant now)
    {
        ListenerPlan listener = session.Origin.Listener;
        if (!listener.AcceptsProxy)
            return Refuse(session, "it sent a PROXY header, and accept-proxy is off", now);
        return listener.AwaitsHeader(session.Peer)
            ? Refuse(session, "a second PROXY header came from it, or one after proxy-header-timeout", now)
            : Refuse(session, "it sent a PROXY header, and is not among the trusted-proxies", now);
    }

    /// <summary>Says in the program log, at most once a second, whom a refusal has met and what would help.</summary>
    internal static void Tell(Worker worker, in Origin peer, string reason, Instant now)
    {
        if (worker.ProxyMessages.MayPass(now))
            Log.ProxyRefused(worker.Logger, peer.Client.ToString(), peer.Listener.Name, reason);
    }

    private static bool IsLate(Session session, Instant now) => session.Times.Deadline <= now;

    // Null where a larger buffer must be tried.
    private static Phase? Look(Session session, Span<byte> buffer, Instant now)
    {
        IoResult peeked = StreamSocket.Peek(session.Client.Fd, buffer);
        if (!peeked.IsOk && !peeked.WouldBlock)
            return CloseStage.Finish(session, CloseReason.ClientReset, now);
        // An end without a word: a plain client's is for the next stage to judge.
        if (peeked.IsEnd)
            return session.Origin.Listener.RequiresProxy ? CloseStage.Finish(session, CloseReason.Complete, now) : Enter(session, isKnown: true, now);
        ReadOnlySpan<byte> bytes = buffer[..peeked.Bytes];
        return ProxyHeader.Read(bytes, out ReceivedProxyHeader header, out int needBytes) switch
        {
            ProxyHeaderStatus.Complete => Take(session, header, now),
            ProxyHeaderStatus.None when !session.Origin.Listener.RequiresProxy => Enter(session, isKnown: true, now),
            ProxyHeaderStatus.None or ProxyHeaderStatus.Malformed => RefuseMalformed(session, now),
            _ when bytes.Length == buffer.Length => null,
            _ => GoOnWaiting(session, bytes, needBytes, now),
        };
    }

    private static Phase GoOnWaiting(Session session, ReadOnlySpan<byte> begun, int needBytes, Instant now)
    {
        if (IsLate(session, now))
        {
            return begun.IsEmpty && !session.Origin.Listener.RequiresProxy
                ? Enter(session, isKnown: true, now)
                : Refuse(session, "no whole PROXY header came from it within proxy-header-timeout", now);
        }
        // Peeking cannot pass an urgent byte (MSG_OOB), and no proxy sends one in a header.
        if (!begun.IsEmpty && (session.Client.PeerEnded || session.Client.IsUrgent))
            return RefuseMalformed(session, now);
        return Wait(session, needBytes, now);
    }

    // As HelloStage waits, and among the same pending sessions; the client is not known yet, so only those of the whole gateway are limited.
    private static Phase Wait(Session session, int needBytes, Instant now)
    {
        session.Client.IsReadable = false;
        if ((session.Flags & SessionFlags.PendingHello) == 0)
        {
            if (PendingHellos.TryEnter(session, now) is { } refused)
                return CloseStage.Finish(session, refused, now);
            session.Expect(session.Times.Accepted + session.Settings.ProxyHeaderTimeout);
        }
        session.RaiseLowWater(needBytes);
        return session.TryRegister(ref session.Client, TokenKind.Client) ? Phase.ProxyHeader : CloseStage.Finish(session, CloseReason.Error, now);
    }

    private static Phase Take(Session session, in ReceivedProxyHeader header, Instant now)
    {
        if (StreamSocket.Discard(session.Client.Fd, header.Bytes).Bytes != header.Bytes)
            return CloseStage.Finish(session, CloseReason.Error, now);  // Or its end would be taken for the client's first bytes.
        // Without addresses it is the proxy itself, or a client that it cannot name: the limits of one client are for neither.
        bool isKnown = !header.Source.IsNone;
        if (isKnown)
            session.Restore(header.Source, header.Destination);
        return Enter(session, isKnown, now);
    }

    // Here the hello, and hello-timeout, begin.
    private static Phase Enter(Session session, bool isKnown, Instant now)
    {
        PendingHellos.Leave(session);   // It joined before its client was counted, and must not leave as one that was.
        if (isKnown)
        {
            if (session.Worker.Gateway.Bans.IsBanned(session.Origin.Client))
                return CloseStage.Finish(session, CloseReason.Banned, now);
            if (Admission.TryEnter(session.Worker, session.Origin, now) is { } refused)
                return CloseStage.Finish(session, refused, now);
            Admission.Note(session);
        }
        session.RestoreLowWater();
        session.Client.IsReadable = true;   // Who was silent is waited for by the next stage, and that begins with a look.
        (session.Times.PhaseStarted, session.Times.Deadline) = (now, Instant.Never);
        return Phase.Hello;
    }

    private static Phase RefuseMalformed(Session session, Instant now) => Refuse(session, "what came from it is no PROXY header", now);

    private static Phase Refuse(Session session, string reason, Instant now)
    {
        Tell(session.Worker, session.Origin with { Client = session.Peer }, reason, now);
        return CloseStage.Refuse(session, CloseReason.ProxyHeader, default, now);
    }
}
