namespace FastSni.Compare.Running;

/// <summary>The one set-up a contender has to serve: a listener, a backend, names.</summary>
internal sealed record Site
{
    public const string SingleName = "bench.example.org";
    /// <summary>The name whose TLS is ended.</summary>
    public const string OffloadName = "app.example.org";

    public required string Directory { get; init; }
    public required int ListenPort { get; init; }
    public required int BackendPort { get; init; }
    /// <summary>Where the HTTP behind an offloaded name lives.</summary>
    public required int HttpPort { get; init; }
    /// <summary>For a contender that ends TLS on a listener of its own behind the one that reads names.</summary>
    public required int InnerTlsPort { get; init; }
    /// <summary>Sessions the descriptor limit carries; two descriptors each.</summary>
    public required int SessionsMax { get; init; }
    public bool SendsProxy { get; init; }
    public int Workers { get; init; } = 1;
    /// <summary>null = <see cref="SingleName"/> alone.</summary>
    public NameTable? Names { get; init; }
    /// <summary>Of <see cref="OffloadName"/>; null = no TLS is ended here.</summary>
    public Certificate? Certificate { get; init; }
    /// <summary>Whether anything is passed through.</summary>
    public bool Forwards { get; init; } = true;

    public string ListenAddress => $"127.0.0.1:{ListenPort}";
    public string BackendAddress => $"127.0.0.1:{BackendPort}";
    public string HttpAddress => $"127.0.0.1:{HttpPort}";
    public string InnerTlsAddress => $"127.0.0.1:{InnerTlsPort}";

    public string Write(string file, string content)
    {
        string path = Path.Combine(Directory, file);
        File.WriteAllText(path, content);
        return path;
    }
}
