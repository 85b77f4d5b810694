using System.Diagnostics.CodeAnalysis;

namespace FastSni.Config.Schema;

/// <summary>What a value may be: reads it, or says what is wrong with it and what would be right.</summary>
internal abstract class Rule<T>
{
    /// <param name="problems">Receives one sentence for each thing wrong; untouched where the result is true.</param>
    public abstract bool TryRead(string text, List<string> problems, [MaybeNullWhen(false)] out T value);

    protected static bool Fail(List<string> problems, string sentence)
    {
        problems.Add(sentence);
        return false;
    }
}
