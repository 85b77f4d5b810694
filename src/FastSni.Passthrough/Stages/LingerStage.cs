using FastSni.Linux;

namespace FastSni.Passthrough;

/// <summary>A refused client gets a moment to read the alert and the end; what it sends meanwhile is thrown away, up to a limit.</summary>
internal static class LingerStage
{
    private static readonly TimeSpan LingerMax = TimeSpan.FromSeconds(1);

    private const int DiscardBytesMax = 1024 * 1024, DiscardStepBytes = 64 * 1024;

    internal static Phase Begin(Session session, Instant now)
    {
        StreamSocket.ShutdownWrite(session.Client.Fd);
        session.Expect(now + LingerMax);
        return session.TryRegister(ref session.Client, TokenKind.Client) ? Phase.Lingering : CloseStage.Finish(session, session.Reason, now);
    }

    internal static Phase Run(Session session, Instant now)
    {
        bool isOver = session.Times.Deadline <= now || Discard(session);
        return isOver ? CloseStage.Finish(session, session.Reason, now) : Phase.Lingering;
    }

    /// <summary>Empties the receive queue. True when there is no more to come: the client has ended, failed, or sent too much.</summary>
    internal static bool Discard(Session session)
    {
        ref Side client = ref session.Client;
        while (session.DiscardedBytes < DiscardBytesMax)
        {
            IoResult taken = StreamSocket.Discard(client.Fd, DiscardStepBytes);
            if (taken.WouldBlock)
            {
                client.IsReadable = false;
                return false;
            }
            client.HasFailed |= !taken.IsOk;
            if (taken.Bytes == 0)
                return true;
            session.DiscardedBytes += taken.Bytes;
        }
        return true;
    }
}
