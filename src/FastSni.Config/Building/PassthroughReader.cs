using FastSni.Config.Ini;
using FastSni.Config.Names;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>A passthrough section and the text it comes from, while relations are checked.</summary>
internal sealed record PassthroughDraft(IniSection Section, PassthroughSection Options)
{
    public bool HasNames => Section.Has(PassthroughKeys.Names) || Section.Has(PassthroughKeys.NamesFile);
}

internal static class PassthroughReader
{
    public static List<PassthroughDraft> Read(IniTree tree, Findings findings)
    {
        BackendReader backends = new(findings);
        List<PassthroughDraft> drafts = [];
        foreach (IniSection section in tree.OfKind(PassthroughKeys.Kind))
        {
            if (drafts.Count == NameStore.SectionsMax)
            {
                findings.Error(section, $"more than {NameStore.SectionsMax} passthrough sections: names of one backend share a section");
                break;
            }
            drafts.Add(new PassthroughDraft(section, new PassthroughSection
            {
                Name = section.Name,
                Backend = backends.Read(section, PassthroughKeys.Backend),
                Index = drafts.Count,
            }));
        }
        return drafts;
    }
}
