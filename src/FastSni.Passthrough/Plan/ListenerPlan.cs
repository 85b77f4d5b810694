using System.Collections.Immutable;
using FastSni.Config;

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

    internal Exit NoName { get; } = Exit.Of(listener.NoName, exits);

    internal Exit NotTls { get; } = Exit.Of(listener.NotTls, exits);

    private readonly Exit _unknownName = Exit.Of(listener.UnknownName, exits);

    /// <summary>The most specific section of a name.</summary>
    internal Exit Find(ReadOnlySpan<byte> serverName) => Config.Names.Find(serverName) is >= 0 and int index ? exits[index] : _unknownName;
}
