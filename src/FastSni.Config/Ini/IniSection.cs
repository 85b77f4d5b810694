using System.Diagnostics.CodeAnalysis;
using FastSni.Config.Schema;

namespace FastSni.Config.Ini;

/// <summary>A value as written, and where.</summary>
internal sealed record IniEntry(Key Key, string Written, string Value, Place Place);

/// <summary>One section of the configuration, all its continuations in conf.d included.</summary>
internal sealed class IniSection(SectionKind kind, string name, Place place)
{
    private readonly Dictionary<string, IniEntry> _entries = new(StringComparer.OrdinalIgnoreCase);

    public SectionKind Kind { get; } = kind;

    /// <summary>What follows the colon in `[passthrough:mail]`; empty for `[gateway]`.</summary>
    public string Name { get; } = name;

    /// <summary>Of its first header; line 0 of the main file where the section is not written.</summary>
    public Place Place { get; } = place;

    /// <summary>Messages' word for it: `passthrough:mail`.</summary>
    public string Title => Kind.Named ? $"{Kind.Name}:{Name}" : Kind.Name;

    public IEnumerable<IniEntry> Entries => _entries.Values;

    public IniEntry? Find(string written) => _entries.GetValueOrDefault(written);

    public void Set(IniEntry entry) => _entries[entry.Written] = entry;

    public bool Has(Key key) => _entries.ContainsKey(key.Name);

    public Place PlaceOf(Key key) => _entries.TryGetValue(key.Name, out IniEntry? entry) ? entry.Place : Place;

    /// <summary>The value written, or the key's default where none is, or where it is wrong (which has been reported by then).</summary>
    public T? Get<T>(Key<T> key) => key.Read(Find(key.Name)?.Value);

    /// <summary>The file a key names, which is relative to the file the key stands in; absolute. null where none is written, or something wrong.</summary>
    public string? FileOf(Key<string> key) => TryGet(key, out string? written) && written.Length > 0 ? FileAt(key, written) : null;

    /// <summary>The absolute path of a file written in a key's value.</summary>
    public string FileAt(Key key, string written) =>
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath(PlaceOf(key).File)) ?? "/", written);

    /// <summary>The value written, without the default's help.</summary>
    public bool TryGet<T>(Key<T> key, [MaybeNullWhen(false)] out T value) => key.TryRead(Find(key.Name)?.Value, out value);
}
