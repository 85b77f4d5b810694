using System.Collections.Immutable;

namespace FastSni.Config;

/// <summary>A section that names and actions lead to: [passthrough:NAME] or [offload:NAME]. Who owns which names lies in the listeners' tables.</summary>
public abstract record RouteSection
{
    public required string Name { get; init; }
    /// <summary>Its place in <see cref="Snapshot.Sections"/>.</summary>
    public required int Index { get; init; }
    /// <summary>`names` as written, for people; a file of names stands for what is in it: `names-file names/hosting.txt`.</summary>
    public ImmutableArray<string> Names { get; init; } = [];
    /// <summary>The access log's and explain's word for it: `passthrough:yunohost`, `offload:app`.</summary>
    public abstract string Label { get; }
}

/// <summary>One [passthrough:NAME] section.</summary>
public sealed record PassthroughSection : RouteSection
{
    public required BackendOptions Backend { get; init; }
    /// <summary>Where port 80 forwards its names to; null = redirect to https.</summary>
    public HttpBackendOptions? HttpBackend { get; init; }
    public override string Label => "passthrough:" + Name;
}

/// <summary>One [offload:NAME] section: TLS ends here, and requests go on by HTTP.</summary>
public sealed record OffloadSection : RouteSection
{
    public required HttpBackendOptions Backend { get; init; }
    /// <summary>The path prefix that is this section's: `/`, or `/a/b` in normal form, without a slash at the end.</summary>
    public string Path { get; init; } = "/";
    public required TlsIdentity Tls { get; init; }
    /// <summary>null = off.</summary>
    public TimeSpan? Hsts { get; init; }
    /// <summary>`header.NAME`, as written: set on every response, in the stead of the backend's.</summary>
    public ImmutableArray<KeyValuePair<string, string>> ResponseHeaders { get; init; } = [];
    /// <summary>Bytes; 0 = no limit.</summary>
    public long MaxBodyBytes { get; init; }
    public HttpLimits Limits { get; init; } = HttpLimits.Default;
    public override string Label => "offload:" + Name;
}

/// <summary>
/// How a connection to a site is secured: sections with an equal one may be asked for on one connection, all others answer 421 (product rule "Sites").
/// Absolute paths; all null is the gateway's own self-signed certificate without client certificates.
/// </summary>
/// <param name="Certificate">PEM: the chain, leaf first.</param>
/// <param name="CertificateKey">PEM.</param>
/// <param name="ClientCa">PEM: clients must show a certificate that one of these signed; null = none is asked for.</param>
public sealed record TlsIdentity(string? Certificate, string? CertificateKey, string? ClientCa)
{
    public static TlsIdentity SelfSigned { get; } = new(null, null, null);
}

/// <summary>What Kestrel limits by server and not by request: sections with equal ones share a server.</summary>
/// <param name="HeaderBytesMax">All headers of one request.</param>
/// <param name="StreamsMax">HTTP/2 streams open on one connection.</param>
/// <param name="BodyBytesPerSecondMin">After 5 s; 0 = no limit.</param>
public sealed record HttpLimits(int HeaderBytesMax, int StreamsMax, int BodyBytesPerSecondMin)
{
    public static HttpLimits Default { get; } = new(32 * 1024, 100, 240);
}
