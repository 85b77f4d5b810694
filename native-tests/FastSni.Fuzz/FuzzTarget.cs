using System.Text.Json;

namespace FastSni.Fuzz;

/// <summary>Something that reads what strangers send, and what must hold whatever they send.</summary>
internal abstract class FuzzTarget : IDisposable
{
    /// <returns>null for a name that no target has.</returns>
    internal static FuzzTarget? Find(string name) => name switch
    {
        "hello" => new ClientHelloTarget(),
        "proxy" => new ProxyHeaderTarget(),
        "ini" => new IniTarget(),
        _ => null,
    };

    /// <summary>Inputs to start from: the public test vectors, the shipped configuration.</summary>
    internal abstract IEnumerable<byte[]> Seeds { get; }

    /// <summary>Throws where an invariant is broken; an exception of what is tested comes through.</summary>
    internal abstract void Run(ReadOnlySpan<byte> input);

    public virtual void Dispose() => GC.SuppressFinalize(this);

    protected static void Hold(bool invariant, string sentence)
    {
        if (!invariant)
            throw new InvalidOperationException($"broken invariant: {sentence}");
    }

    /// <summary>Where an input is cut in two: anywhere, and for the same input at the same place.</summary>
    protected static int CutOf(ReadOnlySpan<byte> input)
    {
        uint hash = 2166136261;     // FNV-1a.
        foreach (byte value in input)
            hash = (hash ^ value) * 16777619;
        return (int)(hash % (uint)(input.Length + 1));
    }

    protected static IEnumerable<byte[]> Corpus(string file) => Rows(file).Select(Bytes);

    /// <summary>What a long run has found for a target: it must not come back.</summary>
    protected static IEnumerable<byte[]> Found(string target) => Rows("fuzz-found.jsonl").Where(row => row.GetProperty("target").GetString() == target).Select(Bytes);

    private static IEnumerable<JsonElement> Rows(string file) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "corpus", file)).Select(line => JsonElement.Parse(line));

    private static byte[] Bytes(JsonElement row) => Convert.FromHexString(row.GetProperty("hex").GetString()!);
}
