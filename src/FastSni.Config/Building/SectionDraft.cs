using System.Collections.Immutable;
using FastSni.Config.Ini;
using FastSni.Config.Names;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>A passthrough or offload section as text, while names and relations are found out.</summary>
/// <param name="index">Its place in <see cref="Snapshot.Sections"/>.</param>
internal sealed class SectionDraft(IniSection section, int index)
{
    public IniSection Section { get; } = section;
    public int Index { get; } = index;
    public bool IsOffload { get; } = section.Kind == OffloadKeys.Kind;
    public Key<string[]> Names => IsOffload ? OffloadKeys.Names : PassthroughKeys.Names;
    public Key<string[]> Listen => IsOffload ? OffloadKeys.Listen : PassthroughKeys.Listen;
    public bool HasNames => Section.Has(Names) || Section.Has(PassthroughKeys.NamesFile);

    public ImmutableArray<string> WrittenNames =>
        [.. Section.Get(Names) ?? [], .. Section.TryGet(PassthroughKeys.NamesFile, out string? file) ? new[] { $"{PassthroughKeys.NamesFile.Name} {file}" } : []];

    public bool HasHttpBackend => Section.Get(PassthroughKeys.HttpBackend) is { Length: > 0 };

    /// <summary>Of an offload section; sections with different ones may share a name.</summary>
    public string Path { get; } = section.Get(OffloadKeys.Path)!;

    /// <summary>Every such section, in the order of reading.</summary>
    public static List<SectionDraft> All(IniTree tree, Findings findings)
    {
        List<SectionDraft> drafts = [];
        foreach (IniSection section in tree.Sections.Where(section => section.Kind == PassthroughKeys.Kind || section.Kind == OffloadKeys.Kind))
        {
            if (drafts.Count == NameStore.SectionsMax)
            {
                findings.Error(section, $"more than {NameStore.SectionsMax} passthrough and offload sections: names of one backend share a section");
                break;
            }
            drafts.Add(new SectionDraft(section, drafts.Count));
        }
        return drafts;
    }
}
