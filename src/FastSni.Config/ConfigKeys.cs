namespace FastSni.Config;

/// <summary>Every key the INI file may hold.</summary>
public static class ConfigKeys
{
    /// <summary>Section is the kind alone (`passthrough`); `header.NAME` stands for a family of keys.</summary>
    public static IReadOnlyList<(string Section, string Key)> All { get; } =
        [.. Schema.SectionKinds.All.SelectMany(kind => kind.Keys.Select(key => (kind.Name, key.Name)))];
}
