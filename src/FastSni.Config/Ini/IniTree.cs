using FastSni.Config.Schema;

namespace FastSni.Config.Ini;

/// <summary>Every section of the main file and of conf.d, in the order of reading.</summary>
internal sealed class IniTree(string mainFile)
{
    private readonly Dictionary<string, IniSection> _byTitle = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<IniSection> _sections = [];

    public IReadOnlyList<IniSection> Sections => _sections;

    public IniSection? Find(string title) => _byTitle.GetValueOrDefault(title);

    /// <summary>An unnamed section such as [gateway]; an empty one where it is not written.</summary>
    public IniSection Single(SectionKind kind) => Find(kind.Name) ?? Implied(kind, "");

    /// <summary>A section that stands for the defaults, though nobody wrote it.</summary>
    public IniSection Implied(SectionKind kind, string name) => new(kind, name, new Place(mainFile, 0));

    /// <summary>The sections of a kind, in the order of reading.</summary>
    public IEnumerable<IniSection> OfKind(SectionKind kind) => _sections.Where(section => section.Kind == kind);

    public void Add(IniSection section)
    {
        _byTitle.Add(section.Title, section);
        _sections.Add(section);
    }
}
