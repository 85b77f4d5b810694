using System.Net;
using FastSni.Wire;
using Microsoft.AspNetCore.Connections;

namespace FastSni.Operations;

/// <summary>Stands before HTTP: who is not in `allow`, or one too many, is cut off before anything of it is parsed.</summary>
internal sealed class AdminDoor(AdminAccess access, AdminEvents events)
{
    internal async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        IpEndpoint peer = PeerOf(connection.RemoteEndPoint);
        if (!access.IsAllowed(peer))
        {
            events.PeerRefused(peer);
            connection.Abort();
            return;
        }
        if (!access.TryEnter(peer))
        {
            events.ConnectionRefused(peer);
            connection.Abort();
            return;
        }
        try
        {
            await next(connection);
        }
        finally
        {
            access.Leave(peer);
        }
    }

    // None, and so allowed nowhere, if the peer has gone before anybody asked. A v4-mapped address becomes IPv4.
    private static IpEndpoint PeerOf(EndPoint? endpoint) => endpoint is IPEndPoint ip ? IpEndpoint.Create(ip.Address, ip.Port) : default;
}
