using FastSni.Backends;
using FastSni.Linux;
using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>What connecting to a server says of it: its mark, and a line in the log when something changes.</summary>
internal sealed class ConnectReport(Server server, ILogger log)
{
    private int _isTold;    // Of a failure that is not the server's fault.

    /// <param name="isServersFault">
    /// False where this side is to blame, and where it was TLS: what name we ask for, and whether we insist on HTTP/2, may be up to the client, and no client
    /// may mark a server down for others.
    /// </param>
    internal void Failed(HttpRoute route, string reason, bool isServersFault)
    {
        if (!isServersFault)
        {
            if (Interlocked.Exchange(ref _isTold, 1) == 0)
                UpstreamLog.ConnectFault(log, server.Config.Text, route.Label, reason);
        }
        else if (server.RecordFailure(Clock.Micros))
            Backends.Log.ServerDown(log, server.Config.Text, route.Label, reason);
    }

    internal void Succeeded(HttpRoute route)
    {
        if (server.RecordSuccess())
            Backends.Log.ServerUp(log, server.Config.Text, route.Label);
        if (Volatile.Read(ref _isTold) != 0)
            Volatile.Write(ref _isTold, 0);
    }

    /// <summary>No descriptor, no memory, no port left towards this server: the server is not to blame.</summary>
    internal static bool IsOurFault(Errno error) => error is Errno.TooManyProcessFiles or Errno.TooManySystemFiles or Errno.NoBufferSpace or Errno.NoMemory
        or Errno.AddressNotAvailable or Errno.AddressInUse;
}
