using System.Text.Json;

namespace FastSni.Tests.Wire;

/// <summary>One row of the corpus of ClientHellos (`clienthello.jsonl`, `clienthello-fuzz.jsonl`).</summary>
internal sealed record CorpusRow(
    string Id,
    byte[] Bytes,
    string Expect,
    string? Name,
    string[] Alpn,
    string[] Alternatives,
    string? AlternativeName,
    string? MustNotRouteTo)
{
    internal static CorpusRow[] ClientHellos { get; } = Load("clienthello.jsonl");
    internal static CorpusRow[] FuzzInputs { get; } = Load("clienthello-fuzz.jsonl");
    internal static CorpusRow[] All { get; } = [.. ClientHellos, .. FuzzInputs];
    internal static CorpusRow[] WithName { get; } = [.. All.Where(row => row.Expect == "sni")];

    internal static CorpusRow Find(string id) => All.Single(row => row.Id == id);

    /// <summary>Whether the corpus allows this outcome; names compare without case, as routes do.</summary>
    internal bool Allows(Outcome outcome)
    {
        string? allowedName = outcome.Verdict == Expect ? Name : AlternativeName;
        bool verdictAllowed = outcome.Verdict == Expect || Alternatives.Contains(outcome.Verdict);
        bool nameAllowed = outcome.Name.Length == 0 || allowedName is null || SameName(outcome.Name, allowedName);
        return verdictAllowed && nameAllowed && !(MustNotRouteTo is not null && SameName(outcome.Name, MustNotRouteTo));
    }

    private static bool SameName(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private static CorpusRow[] Load(string file) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "corpus", file)).Select(Parse)];

    private static CorpusRow Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement row = document.RootElement;
        return new CorpusRow(
            row.GetProperty("id").GetString()!,
            Convert.FromHexString(row.GetProperty("hex").GetString()!),
            row.GetProperty("expect").GetString()!,
            Text(row, "sni"),
            Texts(row, "alpn"),
            Texts(row, "alt"),
            Text(row, "alt_sni"),
            Text(row, "must_not_route_to"));
    }

    private static string? Text(JsonElement row, string key) => row.TryGetProperty(key, out JsonElement value) ? value.GetString() : null;

    private static string[] Texts(JsonElement row, string key) => [.. row.GetProperty(key).EnumerateArray().Select(item => item.GetString()!)];
}
