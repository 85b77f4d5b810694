using System.Buffers.Binary;
using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>Writes the PROXY header a route asks for.</summary>
internal static class ProxyOut
{
    private const int UniqueIdBytes = 16;

    /// <returns>The header's length; 0 where the route has PROXY off.</returns>
    internal static int Write(Session session, Span<byte> target)
    {
        Route route = session.Destination.Route!;
        if (route.ProxyProtocol == ProxyProtocol.Off)
            return 0;
        IpEndpoint client = session.Origin.Client;
        IpEndpoint local = session.LocalEndpoint();
        return route.ProxyProtocol == ProxyProtocol.V1
            ? ProxyHeader.WriteV1(target, client, local)
            : WriteV2(session, route.ProxyTlvs, target, local);
    }

    private static int WriteV2(Session session, ProxyTlvs wanted, Span<byte> target, IpEndpoint local)
    {
        Span<byte> id = stackalloc byte[UniqueIdBytes];
        if ((wanted & ProxyTlvs.UniqueId) != 0)
            WriteUniqueId(session, id);
        ProxyTlvSet tlvs = new()
        {
            Authority = (wanted & ProxyTlvs.Authority) != 0 ? session.Hello.Name : default,
            Alpn = (wanted & ProxyTlvs.Alpn) != 0 ? FirstOf(session.Hello.AlpnList) : default,
            UniqueId = (wanted & ProxyTlvs.UniqueId) != 0 ? id : default,
            Crc32c = (wanted & ProxyTlvs.Crc32c) != 0,
        };
        return ProxyHeader.WriteV2(target, session.Origin.Client, local, tlvs);
    }

    // Nothing has been negotiated yet; the client's first choice is the best that can be said.
    private static ReadOnlySpan<byte> FirstOf(ReadOnlySpan<byte> alpnList) =>
        alpnList.Length > 0 && alpnList.Length > alpnList[0] ? alpnList.Slice(1, alpnList[0]) : default;

    // A slot holds one session at a time, so the moment of accept, the worker and the slot are unique until the machine restarts.
    private static void WriteUniqueId(Session session, Span<byte> id)
    {
        BinaryPrimitives.WriteInt64BigEndian(id, session.Times.Accepted.Micros);
        BinaryPrimitives.WriteInt32BigEndian(id[8..], session.Worker.Index);
        BinaryPrimitives.WriteInt32BigEndian(id[12..], session.Slot);
    }
}
