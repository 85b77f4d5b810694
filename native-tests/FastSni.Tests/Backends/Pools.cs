using System.Net;
using FastSni.Backends;
using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Tests.Backends;

internal static class Pools
{
    internal static ServerPool Of(Balance balance, int servers) =>
        new("passthrough:test", [.. Enumerable.Range(1, servers).Select(i => Server($"192.0.2.{i}"))], balance);

    internal static Server Server(string address) => new(new ServerAddress(ServerKind.Ip, address + ":443", address, 443));

    internal static Server Host(string name) => new(new ServerAddress(ServerKind.HostName, name + ":443", name, 443));

    internal static IpEndpoint Client(int number) => IpEndpoint.Create([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number], 1);

    internal static IpEndpoint SomeClient => IpEndpoint.Create(IPAddress.Parse("198.51.100.7"), 1);

    /// <summary>The place of the server a fresh session gets; −1 for none.</summary>
    internal static int Pick(this ServerPool pool, IpEndpoint client, long nowMicros = 0)
    {
        ulong tried = 0;
        return pool.Pick(client, ref tried, nowMicros) is { } server ? pool.Servers.IndexOf(server) : -1;
    }

    /// <summary>The places of the servers one session gets, one after another, until none is left.</summary>
    internal static int[] PickAll(this ServerPool pool, IpEndpoint client, long nowMicros = 0)
    {
        List<int> picked = [];
        ulong tried = 0;
        while (pool.Pick(client, ref tried, nowMicros) is { } server)
            picked.Add(pool.Servers.IndexOf(server));
        return [.. picked];
    }
}
