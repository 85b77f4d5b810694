using System.Collections.Immutable;
using System.Net;

namespace FastSni.Config;

/// <summary>One [passthrough:NAME] section: who owns which names lies in the listeners' tables.</summary>
public sealed record PassthroughSection
{
    public required string Name { get; init; }
    public required BackendOptions Backend { get; init; }
    /// <summary>Its place in <see cref="Snapshot.Passthroughs"/>.</summary>
    public required int Index { get; init; }
    /// <summary>The access log's and explain's word for it: `passthrough:yunohost`.</summary>
    public string Label => "passthrough:" + Name;
}

/// <summary>The backend keys of a passthrough section or of a tcp listener.</summary>
public sealed record BackendOptions
{
    /// <summary>At least one, at most <see cref="ServersMax"/>.</summary>
    public required ImmutableArray<ServerAddress> Servers { get; init; }
    public ProxyProtocol ProxyProtocol { get; init; }
    public ProxyTlvs ProxyTlvs { get; init; }
    public Balance Balance { get; init; }
    /// <summary>null = auto, the kernel chooses.</summary>
    public IPAddress? SourceAddress { get; init; }

    public const int ServersMax = 64;
}

public enum ProxyProtocol { Off, V1, V2 }

[Flags]
public enum ProxyTlvs { None = 0, Authority = 1, Alpn = 2, UniqueId = 4, Crc32c = 8 }

public enum Balance { RoundRobin, LeastConnections, Source }

public enum ServerKind { Ip, HostName, Unix }

/// <summary>One server of a backend list, as written.</summary>
/// <param name="Text">As the operator wrote it, for logs and as its identity over a reload.</param>
/// <param name="Host">The address, the host name (A-label) or, for unix, the path.</param>
/// <param name="Port">null = the port the client connected to; meaningless for unix.</param>
public sealed record ServerAddress(ServerKind Kind, string Text, string Host, int? Port);
