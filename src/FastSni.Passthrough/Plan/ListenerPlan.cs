using System.Collections.Immutable;
using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>What a worker does with the clients of one listener.</summary>
/// <param name="defaultTls">Of the default site.</param>
internal sealed class ListenerPlan(Listener listener, WorkerSettings settings, ImmutableArray<Exit> exits, Route? tcp, TlsIdentity defaultTls)
{
    internal string Name => Config.Name;

    internal Listener Config { get; } = listener;

    internal WorkerSettings Settings { get; } = settings;

    /// <summary>Set for a tcp listener: no hello is waited for.</summary>
    internal Route? Tcp { get; } = tcp;

    /// <summary>For clients that are handed over without a section.</summary>
    internal TlsIdentity DefaultTls { get; } = defaultTls;

    /// <summary>Everybody is handed over as they come.</summary>
    internal bool IsHttp { get; } = listener.Mode == ListenMode.Http;

    /// <summary>PROXY headers are read here, from trusted peers.</summary>
    internal bool AcceptsProxy { get; } = listener.AcceptProxy != AcceptProxy.Off;

    /// <summary>Nobody is let in without one.</summary>
    internal bool RequiresProxy { get; } = listener.AcceptProxy == AcceptProxy.Require;

    internal Exit NoName { get; } = Exit.Of(listener.NoName, exits);

    internal Exit NotTls { get; } = Exit.Of(listener.NotTls, exits);

    private readonly ImmutableArray<AddressPrefix> _trusted = [.. listener.TrustedProxies.Select(AddressPrefix.Of)];

    private readonly Exit _unknownName = Exit.Of(listener.UnknownName, exits);

    /// <summary>A PROXY header is waited for from this peer. Allocates nothing.</summary>
    internal bool AwaitsHeader(IpEndpoint peer)
    {
        if (!AcceptsProxy)
            return false;
        foreach (AddressPrefix trusted in _trusted)
        {
            if (trusted.Contains(peer))
                return true;
        }
        return false;
    }

    /// <summary>The most specific section of a name.</summary>
    internal Exit Find(ReadOnlySpan<byte> serverName) => Config.Names.Find(serverName) is >= 0 and int index ? exits[index] : _unknownName;
}
