namespace FastSni.Compare.Running;

/// <summary>The names h0000000.example.org … in the three spellings contenders read. Written once a run.</summary>
internal sealed class NameTable
{
    /// <summary>What `load --sni-count` fills.</summary>
    public const string Pattern = "h#######.example.org";

    public NameTable(string directory, int count)
    {
        Count = count;
        PlainPath = Write(directory, "names", count, "");
        NginxMapPath = Write(directory, "nginx-map", count, " bench;");
        HaproxyMapPath = Write(directory, "haproxy-map", count, " bench");
    }

    public int Count { get; }
    public string PlainPath { get; }
    public string NginxMapPath { get; }
    public string HaproxyMapPath { get; }

    private static string Write(string directory, string kind, int count, string ending)
    {
        string path = Path.Combine(directory, $"{kind}-{count}.txt");
        using StreamWriter writer = new(path) { NewLine = "\n" };
        for (int i = 0; i < count; i++)
            writer.WriteLine($"h{i:0000000}.example.org{ending}");
        return path;
    }
}
