using System.Diagnostics.CodeAnalysis;

namespace FastSni.Config.Schema;

/// <summary>One key of a section kind: its name, its default as it would be written, and what it may hold.</summary>
internal abstract class Key(string name, string? defaultText)
{
    private const string AnyName = "NAME";

    /// <summary>`hello-timeout`; `header.NAME` stands for a family of keys.</summary>
    public string Name { get; } = name;

    /// <summary>null where there is none: the key may be left out, or must be given.</summary>
    public string? Default { get; } = defaultText;

    public bool Covers(string written) => Name.EndsWith(AnyName, StringComparison.Ordinal)
        ? written.StartsWith(Name[..^AnyName.Length], StringComparison.OrdinalIgnoreCase) && IsToken(written[(Name.Length - AnyName.Length)..])
        : written.Equals(Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>Everything wrong with a value.</summary>
    public abstract IReadOnlyList<string> Check(string written);

    private static bool IsToken(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}

internal sealed class Key<T>(string name, string? defaultText, Rule<T> rule) : Key(name, defaultText)
{
    public override IReadOnlyList<string> Check(string written)
    {
        List<string> problems = [];
        rule.TryRead(written, problems, out _);
        return problems;
    }

    /// <returns>False where nothing is written, or something wrong.</returns>
    public bool TryRead(string? written, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        return written is not null && rule.TryRead(written, [], out value);
    }

    /// <summary>The value written, else the default, else nothing.</summary>
    public T? Read(string? written) => TryRead(written, out T? value) || TryRead(Default, out value) ? value : default;
}
