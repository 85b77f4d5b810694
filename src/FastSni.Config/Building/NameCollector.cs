using System.Text;
using FastSni.Config.Ini;
using FastSni.Config.Names;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>A value of `names`, or a names-file: a run of entries in the store.</summary>
/// <param name="FirstOrdinal">How many entries precede its first one.</param>
/// <param name="File">null for `names`.</param>
internal sealed record NameSource(IniSection Section, Key Key, int FirstOrdinal, string? File);

/// <summary>Brings the names of all sections into one store.</summary>
internal sealed class NameCollector(Findings findings)
{
    private readonly List<NameSource> _sources = [];
    private readonly Dictionary<int, string> _firstNames = [];

    public NameStore Names { get; } = new();

    /// <summary>In the order of their entries.</summary>
    public IReadOnlyList<NameSource> Sources => _sources;

    public void Collect(SectionDraft draft)
    {
        if (draft.Section.TryGet(draft.Names, out string[]? names))
            CollectInline(draft, names);
        if (draft.Section.TryGet(PassthroughKeys.NamesFile, out string? file))
            CollectFile(draft, Path.Combine(Path.GetDirectoryName(draft.Section.PlaceOf(PassthroughKeys.NamesFile).File) ?? "/", file));
    }

    /// <summary>A section's first name that is no wildcard.</summary>
    public string? FirstNameOf(SectionDraft draft) => _firstNames.GetValueOrDefault(draft.Index);

    private void CollectInline(SectionDraft draft, string[] names)
    {
        _sources.Add(new NameSource(draft.Section, draft.Names, Names.Count, null));
        foreach (string name in names)
        {
            if (NamePattern.TryParse(Encoding.UTF8.GetBytes(name), out NamePattern pattern, out _))
                Append(draft, pattern);
        }
    }

    private void CollectFile(SectionDraft draft, string file)
    {
        NameSource source = new(draft.Section, PassthroughKeys.NamesFile, Names.Count, file);
        _sources.Add(source);
        findings.Open(file);
        try
        {
            using NamesFileReader reader = new(file);
            ReadAll(draft, source, file, reader);
        }
        catch (Exception exception) when (InputFile.IsExpected(exception))
        {
            findings.Error(draft.Section, PassthroughKeys.NamesFile, $"{file}: {InputFile.Describe(exception, file)}");
        }
        if (Names.Count == source.FirstOrdinal)
            findings.Warn(draft.Section, PassthroughKeys.NamesFile, $"{file} holds no name");
    }

    private void Append(SectionDraft draft, NamePattern pattern)
    {
        Names.Append(draft.Index, pattern);
        if (!pattern.Exact.IsEmpty && !_firstNames.ContainsKey(draft.Index))
            _firstNames.Add(draft.Index, Encoding.ASCII.GetString(pattern.Exact));
    }

    private void ReadAll(SectionDraft draft, NameSource source, string file, NamesFileReader reader)
    {
        // Where no further error would be shown, nothing can come of the rest: an endless file ends here too.
        while (!findings.IsFull && reader.TryRead(out NamePattern pattern, out string problem))
        {
            if (Names.Count >= NameStore.NamesMax)
                problem = $"more than {NameStore.NamesMax:N0} names in all";
            if (problem.Length == 0)
                Append(draft, pattern);
            else
                findings.Error(new Place(file, reader.LineNumber), source.Section.Title, source.Key.Name, problem);
        }
    }
}
