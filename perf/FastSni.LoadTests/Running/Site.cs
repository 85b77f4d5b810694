namespace FastSni.LoadTests.Running;

/// <summary>The one set-up a contender has to serve: a listener, a backend, names.</summary>
internal sealed record Site
{
    public const string SingleName = "bench.example.org";

    public required string Directory { get; init; }
    public required int ListenPort { get; init; }
    public required int BackendPort { get; init; }
    /// <summary>Sessions the descriptor limit carries; two descriptors each.</summary>
    public required int SessionsMax { get; init; }
    public bool SendsProxy { get; init; }
    /// <summary>null = <see cref="SingleName"/> alone.</summary>
    public NameTable? Names { get; init; }

    public string ListenAddress => $"127.0.0.1:{ListenPort}";
    public string BackendAddress => $"127.0.0.1:{BackendPort}";

    public string Write(string file, string content)
    {
        string path = Path.Combine(Directory, file);
        File.WriteAllText(path, content);
        return path;
    }
}
