namespace FastSni.Config.Schema;

internal static class SectionKinds
{
    private const int NameCharactersMax = 63;

    public static IReadOnlyList<SectionKind> All { get; } =
    [
        GatewayKeys.Kind, ListenKeys.Kind, PassthroughKeys.Kind, OffloadKeys.Kind, DefaultKeys.Kind, AcmeKeys.Kind, BansKeys.Kind, AdminKeys.Kind,
    ];

    /// <summary>Takes what stands between a header's brackets apart.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Parse(string header, out SectionKind? kind, out string name)
    {
        int colon = header.IndexOf(':', StringComparison.Ordinal);
        string word = colon < 0 ? header : header[..colon];
        name = colon < 0 ? "" : header[(colon + 1)..];
        kind = All.FirstOrDefault(known => known.Name.Equals(word, StringComparison.OrdinalIgnoreCase));
        if (kind is null)
        {
            string suggestion = Spelling.Suggest(word, All.Select(known => known.Name));
            return $"unknown section{(suggestion.Length > 0 ? suggestion : ": there are " + string.Join(", ", All.Select(Form)))}";
        }
        if (kind.Named != colon >= 0)
            return kind.Named ? $"this section needs a name: write {Form(kind)}" : $"this section has no name: write {Form(kind)}";
        return kind.Named && !IsName(name) ? "a section's name is 1 to 63 letters, digits, dots, hyphens or underscores" : null;
    }

    private static string Form(SectionKind kind) => kind.Named ? $"[{kind.Name}:NAME]" : $"[{kind.Name}]";

    /// <summary>Section names go into logs and commands unquoted.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= NameCharactersMax && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
