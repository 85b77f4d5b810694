using System.Globalization;

namespace FastSni.Config.Schema;

internal static class Quote
{
    private const int CharactersMax = 80;

    /// <summary>The operator's text inside a sentence, shortened: a value may be megabytes long.</summary>
    public static string Of(string text) => $"\"{Short(text)}\"";

    /// <summary>The same where it is part of what to write instead.</summary>
    public static string Short(string text)
    {
        string shown = text.Length <= CharactersMax ? text : $"{text.AsSpan(0, CharactersMax)}…";
        // Messages go to a terminal, and a list of names may come from strangers.
        return string.Create(shown.Length, shown, (target, source) =>
        {
            for (int i = 0; i < target.Length; i++)
                target[i] = IsPlain(source[i]) ? source[i] : '\uFFFD';
        });
    }

    // Some formats turn the direction of what follows.
    private static bool IsPlain(char character) => char.GetUnicodeCategory(character)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
