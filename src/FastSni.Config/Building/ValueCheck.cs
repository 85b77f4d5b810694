using FastSni.Config.Ini;

namespace FastSni.Config.Building;

/// <summary>Every value by itself, whoever will read it; and the sections that nobody reads yet.</summary>
internal static class ValueCheck
{
    public static void Run(IniTree tree, Findings findings)
    {
        foreach (IniSection section in tree.Sections)
        {
            if (section.Kind.NotYet is { } sentence)
                findings.Error(section, sentence);
            foreach (IniEntry entry in section.Entries)
            {
                foreach (string problem in entry.Key.Check(entry.Value))
                    findings.Error(entry.Place, section.Title, entry.Written, problem);
            }
        }
    }
}
