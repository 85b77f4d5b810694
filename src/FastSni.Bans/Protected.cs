using System.Collections.Immutable;
using System.Net.NetworkInformation;
using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>What must not be banned, and why; one reload's worth of it.</summary>
internal sealed class Protected
{
    private readonly ImmutableArray<ProtectedRange> _configured;
    private readonly Func<IEnumerable<AddressPrefix>> _own;

    /// <param name="own">Our own addresses, as they are now: they change without a reload.</param>
    internal Protected(IEnumerable<ProtectedRange> configured, Func<IEnumerable<AddressPrefix>> own) => (_configured, _own) = ([.. AddressPrefix.Loopback.Select(prefix => new ProtectedRange(prefix, "loopback")), .. configured], own);

    internal static IEnumerable<ProtectedRange> Of(Snapshot snapshot) =>
    [
        .. snapshot.Bans.Never.Select(prefix => new ProtectedRange(prefix, "[bans] never")),
        .. snapshot.Gateway.TrustedProxies.Select(network => new ProtectedRange(AddressPrefix.Of(network), "trusted-proxies")),
        .. snapshot.Listeners.SelectMany(listener => listener.TrustedProxies)
            .Select(network => new ProtectedRange(AddressPrefix.Of(network), "trusted-proxies")),
        // An address that is bound before it is the machine's, or while it is another's.
        .. snapshot.Listeners.SelectMany(listener => listener.Endpoints).Where(endpoint => !endpoint.IsWildcard)
            .Select(endpoint => new ProtectedRange(AddressPrefix.Of(IpEndpoint.Create(endpoint.Address, 0)), "an address that a listener has")),
    ];

    /// <summary>Every range there is at this moment; asks the machine.</summary>
    internal ProtectedRange[] Ranges() => [.. _configured, .. _own().Select(prefix => new ProtectedRange(prefix, "an address of this machine"))];

    /// <summary>Why this prefix may not be banned, as the end of a sentence, or null.</summary>
    internal static string? ReasonAgainst(AddressPrefix prefix, ProtectedRange[] ranges)
    {
        foreach (ProtectedRange range in ranges)
        {
            if (range.Prefix.Overlaps(prefix))
                return range.Prefix == prefix ? $"it is protected ({range.Name})" : $"it overlaps {range.Prefix}, which is protected ({range.Name})";
        }
        return null;
    }

    /// <summary>What the machine's interfaces have; nothing where that can't be read.</summary>
    internal static IEnumerable<AddressPrefix> OwnAddresses()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(link => link.GetIPProperties().UnicastAddresses)
                .Select(address => AddressPrefix.Of(IpEndpoint.Create(address.Address, 0)))];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }
}

/// <param name="Name">Where the protection comes from, as an operator knows it.</param>
internal readonly record struct ProtectedRange(AddressPrefix Prefix, string Name);
