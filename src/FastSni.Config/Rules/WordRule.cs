using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>One of a few words.</summary>
internal sealed class WordRule<T>(params (string Word, T Value)[] words) : Rule<T>
{
    /// <summary>Words of the interface that do not work yet, each with its sentence of <see cref="NotYet"/>.</summary>
    public ImmutableArray<(string Word, string Sentence)> Later { get; init; } = [];

    public override bool TryRead(string text, List<string> problems, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        foreach ((string word, T meaning) in words)
        {
            if (!word.Equals(text, StringComparison.OrdinalIgnoreCase))
                continue;
            value = meaning;
            return true;
        }
        foreach ((string word, string sentence) in Later)
        {
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase))
                return Fail(problems, sentence);
        }
        string[] known = [.. words.Select(pair => pair.Word)];
        string choice = known.Length == 1 ? known[0] : $"{string.Join(", ", known[..^1])} or {known[^1]}";
        return Fail(problems, $"{Quote.Of(text)} is not known here: write {choice}");
    }
}

/// <summary>`on off`, also `yes no true false`.</summary>
internal static class SwitchRule
{
    public static Rule<bool> Create() =>
        new WordRule<bool>(("on", true), ("off", false), ("yes", true), ("no", false), ("true", true), ("false", false));
}
