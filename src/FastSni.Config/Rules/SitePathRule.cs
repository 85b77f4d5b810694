using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>`path`: a prefix of request paths as they are after decoding, in whole segments. `/app/` is kept as `/app`.</summary>
internal sealed class SitePathRule : Rule<string>
{
    private const int CharactersMax = 1024;

    public override bool TryRead(string text, List<string> problems, out string value)
    {
        value = text.Length > 1 && text.EndsWith('/') ? text[..^1] : text;
        if (!text.StartsWith('/'))
            return Fail(problems, $"{Quote.Of(text)}: a path begins with /, such as /app");
        if (text.Length > CharactersMax)
            return Fail(problems, $"the path is longer than {CharactersMax} characters: use a shorter one");
        if (text.Contains('%', StringComparison.Ordinal))
            return Fail(problems, $"{Quote.Of(text)}: requests are decoded before they are compared: write the characters themselves, without %");
        if (text.AsSpan().ContainsAny('?', '#'))
            return Fail(problems, $"{Quote.Of(text)}: only a path chooses a section: remove what begins with ? or #");
        if (text.Length > 1 && Array.Exists(value[1..].Split('/'), segment => segment is "" or "." or ".."))
            return Fail(problems, $"{Quote.Of(text)}: requests are compared without empty segments, . and ..: write the path without them");
        return true;
    }
}

/// <summary>`health-path`: what a request asks for, sent as it stands.</summary>
internal sealed class RequestPathRule : Rule<string>
{
    private const int CharactersMax = 1024;

    public override bool TryRead(string text, List<string> problems, out string value)
    {
        value = text;
        if (!text.StartsWith('/'))
            return Fail(problems, $"{Quote.Of(text)}: a path begins with /, such as /health");
        if (text.Length > CharactersMax)
            return Fail(problems, $"the path is longer than {CharactersMax} characters: use a shorter one");
        return text.All(character => character is > ' ' and < '\u007F' and not '#')
            || Fail(problems, $"{Quote.Of(text)}: a request holds no blanks, no # and no letters beyond ASCII: write them as %20, %23 and the like");
    }
}
