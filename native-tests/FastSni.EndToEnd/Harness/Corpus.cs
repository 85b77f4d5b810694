using System.Text.Json;
using System.Text.RegularExpressions;

namespace FastSni.EndToEnd.Harness;

/// <summary>One public test vector: a hello and what may be made of it.</summary>
internal sealed record CorpusRow(
    string Id, byte[] Bytes, HelloVerdict Expect, string? Sni, HelloVerdict[] Alternatives, string? AlternativeSni, string? MustNotRouteTo)
{
    public bool Allows(HelloVerdict verdict) => verdict == Expect || Alternatives.Contains(verdict);
}

internal static partial class Corpus
{
    public static IReadOnlyList<CorpusRow> Hellos { get; } = Read("clienthello.jsonl");

    public static IReadOnlyList<CorpusRow> FuzzedHellos { get; } = Read("clienthello-fuzz.jsonl");

    public static CorpusRow Hello(string id) => Hellos.Single(row => row.Id == id);

    /// <summary>Whether a name of the corpus can stand under `names`: letters, digits and hyphens, and no address.</summary>
    public static bool IsHostName(string name) => HostName().IsMatch(name) && name.Length <= 253;

    private static List<CorpusRow> Read(string file) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "corpus", file)).Where(line => line.Length > 0).Select(Row)];

    private static CorpusRow Row(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement row = document.RootElement;
        return new(
            Text(row, "id")!,
            Convert.FromHexString(Text(row, "hex")!),
            Verdict(Text(row, "expect")!),
            Text(row, "sni"),
            row.TryGetProperty("alt", out JsonElement others) ? [.. others.EnumerateArray().Select(one => Verdict(one.GetString()!))] : [],
            Text(row, "alt_sni"),
            Text(row, "must_not_route_to"));
    }

    private static string? Text(JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static HelloVerdict Verdict(string word) => word switch
    {
        "sni" => HelloVerdict.Sni,
        "nosni" => HelloVerdict.NoSni,
        "incomplete" => HelloVerdict.Incomplete,
        "invalid" => HelloVerdict.Invalid,
        _ => throw new InvalidDataException($"the corpus says '{word}', which is no verdict"),
    };

    [GeneratedRegex(@"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*(?=[a-z0-9-]*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", RegexOptions.IgnoreCase)]
    private static partial Regex HostName();
}
