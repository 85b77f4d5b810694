using FastSni.Backends;
using FastSni.Linux;
using FastSni.Telemetry;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>Connects to a server of the route; when one does not answer, to its next address and then to the next server.</summary>
internal static class ConnectStage
{
    internal static Phase Run(Session session, Instant now)
    {
        if (session.Client.PeerGone)
            return CloseStage.Finish(session, CloseReason.ClientReset, now);
        if (session.Backend.IsWritable)
        {
            // A failed connect hangs up, and the same event says so: without it the connection stands.
            Errno error = session.Backend.PeerGone ? StreamSocket.TakeError(session.Backend.Fd) : Errno.None;
            return error == Errno.None ? Phase.Greeting : Fail(session, error, now);
        }
        return session.Times.Deadline <= now ? Fail(session, Errno.TimedOut, now) : Phase.Connecting;
    }

    /// <summary>Gives up on the address being tried and goes on to the next.</summary>
    internal static Phase Fail(Session session, Errno error, Instant now)
    {
        session.Backend.Close();
        MarkDown(session, error, now);
        return TryNextServer(session, error == Errno.TimedOut ? CloseReason.ConnectTimeout : CloseReason.ConnectRefused, now);
    }

    /// <summary>Starts a connection to the next address that has not been tried.</summary>
    /// <param name="lastFailure">How the session ends if there is none.</param>
    internal static Phase TryNextServer(Session session, CloseReason lastFailure, Instant now)
    {
        while (TryChoose(session, now))
        {
            IoResult connected = Connect(session);
            if (connected.IsOk)
            {
                session.Expect(now + session.Settings.ConnectTimeout);
                // Without a place in the epoll set its end would never be noticed.
                return session.TryRegister(ref session.Backend, TokenKind.Backend) ? Phase.Connecting : CloseStage.Finish(session, CloseReason.Error, now);
            }
            lastFailure = IsOurFault(connected.Error) ? CloseReason.Error : CloseReason.ConnectRefused;
            if (lastFailure == CloseReason.ConnectRefused)
                MarkDown(session, connected.Error, now);
            else if (session.Worker.Trouble.MayPass(now))
                Log.ConnectFault(session.Worker.Logger, session.Destination.Server!.Config.Text, connected.Error);
        }
        return CloseStage.Refuse(session, lastFailure, default, now);
    }

    /// <summary>The handshake's ACK waits for bytes that are sent at once: a hello or a PROXY header.</summary>
    internal static bool AcknowledgesLate(Session session) => !session.Destination.Server!.IsUnix
        && (session.Origin.Listener.Tcp is null || session.Destination.Route!.ProxyProtocol != Config.ProxyProtocol.Off);

    private static bool TryChoose(Session session, Instant now)
    {
        ref Destination destination = ref session.Destination;
        if (destination.HasNextAddress)
        {
            destination.AddressIndex++;
            return true;
        }
        while (destination.Route!.Pool.Pick(session.Origin.Client, ref destination.Tried, now.Micros) is { } next)
        {
            IpEndpoint[] addresses = next.AddressesFrom(destination.Route.Source);
            if (addresses.Length == 0 && !next.IsUnix)
                continue;   // A host without an address in the source address's family.
            destination.Server?.Leave();
            next.Enter();
            (destination.Server, destination.Addresses, destination.AddressIndex) = (next, addresses, 0);
            return true;
        }
        return false;   // The last one stays, for the log.
    }

    private static IoResult Connect(Session session)
    {
        ref Destination destination = ref session.Destination;
        Route route = destination.Route!;
        IoResult result = destination.Server!.IsUnix
            ? StreamSocket.ConnectUnix(destination.Server.Config.Host, out Fd socket)
            : StreamSocket.Connect(destination.Address(), route.Source, AcknowledgesLate(session), out socket);
        session.Backend.Fd = socket;
        destination.Attempts++;
        return result;
    }

    private static void MarkDown(Session session, Errno error, Instant now)
    {
        Server server = session.Destination.Server!;
        // A host that refuses at one address and answers at the next is up.
        if (!session.Destination.HasNextAddress && server.RecordFailure(now.Micros))
            Backends.Log.ServerDown(session.Worker.Logger, server.Config.Text, session.Destination.Route!.Label, error.ToString());
    }

    // No descriptor, no memory, no port left towards this server, no such source address: the server is not to blame, and another one may still be reached.
    private static bool IsOurFault(Errno error) => error is Errno.TooManyProcessFiles or Errno.TooManySystemFiles or Errno.NoBufferSpace
        or Errno.NoMemory or Errno.AddressNotAvailable or Errno.AddressInUse;
}
