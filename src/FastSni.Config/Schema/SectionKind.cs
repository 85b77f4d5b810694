namespace FastSni.Config.Schema;

/// <summary>A kind of section and every key it may hold: the one list that reading, error messages and the documentation's test share.</summary>
internal sealed class SectionKind(string name)
{
    private readonly List<Key> _keys = [];

    public string Name { get; } = name;

    /// <summary>`[kind:name]`, written once each; else `[kind]`, which conf.d may continue.</summary>
    public bool Named { get; init; }

    /// <summary>What to say where the section is written although nothing reads it yet; null for a section in use.</summary>
    public string? NotYet { get; init; }

    public IReadOnlyList<Key> Keys => _keys;

    public Key? Find(string written) => _keys.Find(key => key.Covers(written));

    public Key<T> Key<T>(string name, string? defaultText, Rule<T> rule)
    {
        Key<T> key = new(name, defaultText, rule);
        _keys.Add(key);
        return key;
    }
}
