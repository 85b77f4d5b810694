using FastSni.Linux;
using FastSni.Telemetry;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>
/// Sends the PROXY header and the client's first bytes in one sendmsg, so that the header is never split: HAProxy and nginx fail a connection whose
/// header comes in two pieces. Afterwards exactly the bytes that were sent are taken off the client's queue.
/// </summary>
internal static class GreetStage
{
    /// <summary>The connection stands, and the hello has to be looked up again.</summary>
    internal static Phase Run(Session session, Instant now)
    {
        if (session.ToBackend.HeldBytes > 0)
            return Send(session, default, now);
        Span<byte> buffer = session.Worker.HelloBuffer;
        IoResult peeked = StreamSocket.Peek(session.Client.Fd, buffer);
        if (!peeked.IsOk && !peeked.WouldBlock)
            return CloseStage.Finish(session, CloseReason.ClientReset, now);
        ReadOnlySpan<byte> first = buffer[..peeked.Bytes];
        // On a tcp listener nobody's bytes are waited for, but a forged header that is already there is not forwarded.
        if (session.Origin.Listener.Tcp is not null && ProxyHeader.MatchSignature(first) == SignatureMatch.Whole)
            return ProxyStage.RefuseStray(session, now);
        return Send(session, first, now);
    }

    /// <param name="first">The client's first bytes, still in its queue; ignored where bytes were taken and are held.</param>
    internal static Phase Send(Session session, ReadOnlySpan<byte> first, Instant now)
    {
        // Before the event, in the hope that the connection stands: in vain where it takes a round trip.
        if (!session.Backend.IsWritable && !session.Destination.Server!.MayStandAtOnce())
            return Phase.Connecting;
        Span<byte> headerBuffer = stackalloc byte[ProxyHeader.BytesMax];
        ReadOnlySpan<byte> header = headerBuffer[..ProxyOut.Write(session, headerBuffer)];
        ref Direction up = ref session.ToBackend;
        bool isHeld = up.HeldBytes > 0;
        if (isHeld)
            first = up.Buffered.Span;
        if (header.Length + first.Length == 0)
            return Established(session, now);
        IoResult sent = header.IsEmpty ? StreamSocket.Send(session.Backend.Fd, first) : StreamSocket.Send(session.Backend.Fd, header, first);
        if (sent.WouldBlock)
        {
            session.Backend.IsWritable = false;     // The handshake is not over: its end is the next edge.
            session.Destination.Server!.RecordDistance();
            return Phase.Connecting;
        }
        if (!sent.IsOk)
            return ConnectStage.Fail(session, sent.Error, now);
        if (sent.Bytes < header.Length)
            return CloseStage.Finish(session, CloseReason.Error, now);  // A fresh socket takes a header whole, or the backend would misread it.
        if (ConnectStage.AcknowledgesLate(session))
            StreamSocket.AcknowledgeAtOnce(session.Backend.Fd);
        int taken = sent.Bytes - header.Length;
        up.DeliveredBytes = taken;
        if (isHeld)
            up.HeldBytes -= taken;
        else if (taken > 0 && StreamSocket.Discard(session.Client.Fd, taken).Bytes != taken)
            return CloseStage.Finish(session, CloseReason.Error, now);  // Or the backend would get them twice.
        return Established(session, now);
    }

    private static Phase Established(Session session, Instant now)
    {
        if (session.Destination.Server!.RecordSuccess())
            Backends.Log.ServerUp(session.Worker.Logger, session.Destination.Server.Config.Text, session.Destination.Route!.Label);
        session.Flags |= SessionFlags.Connected;
        session.ConnectMicros = (int)Math.Min(int.MaxValue, now.Micros - session.Times.PhaseStarted.Micros);
        session.Expect(now + session.Settings.IdleTimeout);
        session.RestoreLowWater();
        session.QueuedAtDeadline = 0;
        // A socket registered only now tells by its first event what it holds; one that was watched before may have told already.
        session.Client.IsReadable = session.Client.IsRegistered;
        session.Client.IsWritable = session.Backend.IsWritable = true;
        return session.TryRegister(ref session.Client, TokenKind.Client) ? Phase.Pumping : CloseStage.Finish(session, CloseReason.Error, now);
    }
}
