using System.Collections.Immutable;
using FastSni.Wire;

namespace FastSni.Config;

/// <summary>One whole valid configuration, frozen. A session keeps the snapshot it was born with; a reload makes another.</summary>
public sealed record Snapshot
{
    public required GatewayOptions Gateway { get; init; }
    public required ImmutableArray<Listener> Listeners { get; init; }
    /// <summary>Passthrough and offload sections in the order of the files; a <see cref="RouteTable"/> answers with a place in here.</summary>
    public required ImmutableArray<RouteSection> Sections { get; init; }
    /// <summary>What [default] says about names that no section has, once they are handed to the offload room.</summary>
    public DefaultSite DefaultSite { get; init; } = new(TlsIdentity.SelfSigned, 404);
    public BanOptions Bans { get; init; } = new();
    public required AdminOptions Admin { get; init; }
    /// <summary>The files this was read from, in order: the main file, conf.d, names-files, then the file of bans.</summary>
    public ImmutableArray<string> Files { get; init; } = [];
    /// <summary>What an operator should know but need not mend, each as `FILE:LINE: [section] key: sentence`.</summary>
    public required ImmutableArray<string> Warnings { get; init; }
}

/// <param name="Tls">`certificate` and `certificate-key` of [default], or the self-signed one.</param>
/// <param name="Status">Of the page for a host that nobody has.</param>
public sealed record DefaultSite(TlsIdentity Tls, int Status);

/// <summary>[bans]</summary>
public sealed record BanOptions
{
    /// <summary>A list of banned addresses and prefixes, one a line; null = none.</summary>
    public string? File { get; init; }
    /// <summary>Can't be banned.</summary>
    public ImmutableArray<AddressPrefix> Never { get; init; } = [];
}

/// <summary>[admin]</summary>
/// <param name="Socket">The control socket's path; null = `off`.</param>
public sealed record AdminOptions(string? Socket)
{
    /// <summary>Where /bans is served by HTTP; empty = nowhere.</summary>
    public ImmutableArray<ListenEndpoint> Endpoints { get; init; } = [];
    /// <summary>Who may connect there; 127.0.0.0/8 and ::1 where the key is empty.</summary>
    public ImmutableArray<AddressPrefix> Allow { get; init; } = [];
    /// <summary>The file of the token that changes need; null = the address is read-only.</summary>
    public string? TokenFile { get; init; }
}
