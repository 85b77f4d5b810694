namespace FastSni.Config.Ini;

internal enum IniLineKind { Blank, Header, Pair }

/// <summary>
/// One line of an INI file as the Ini provider of Microsoft.Extensions.Configuration will understand it, or what is wrong
/// with it. The provider gives no line numbers and takes several mistakes for values; they are caught here.
/// </summary>
/// <param name="Text">Header: what stands between the brackets. Pair: the key.</param>
/// <param name="Problem">A sentence that names the remedy, or null.</param>
internal readonly record struct IniLine(IniLineKind Kind, string Text, string? Problem = null)
{
    public static IniLine Parse(string raw)
    {
        string line = raw.Trim();
        if (line.Length == 0 || line[0] is ';' or '#')
            return new(IniLineKind.Blank, "");
        if (line[0] == '/')
            return new(IniLineKind.Blank, "", "a line cannot begin with \"/\": a comment begins with ; or #");
        if (line[0] == '[')
            return ParseHeader(line);

        int separator = line.IndexOf('=', StringComparison.Ordinal);
        if (separator < 0)
            return new(IniLineKind.Blank, "", "there is no \"=\" in this line: write key = value, or begin a comment with ; or #");
        string key = line[..separator].Trim();
        if (key.Length == 0)
            return new(IniLineKind.Blank, "", "there is no key before the \"=\": write key = value");
        return new(IniLineKind.Pair, key, ValueProblem(line[(separator + 1)..].Trim()));
    }

    private static IniLine ParseHeader(string line)
    {
        int end = line.IndexOf(']', StringComparison.Ordinal);
        if (end < 0)
            return new(IniLineKind.Header, "", "the bracket is not closed: write [gateway] or [passthrough:NAME]");
        if (end < line.Length - 1)
            return new(IniLineKind.Header, "", "text behind the closing bracket: a comment stands on a line of its own");
        return new(IniLineKind.Header, line[1..end].Trim());
    }

    private static string? ValueProblem(string value)
    {
        if (value.StartsWith('"'))
            return value.Length > 1 && value.EndsWith('"') ? null : "the value begins with a double quote but does not end with one";
        return HoldsComment(value)
            ? "a comment stands on a line of its own; where ; or # is part of the value, put the whole value in double quotes"
            : null;
    }

    /// <summary>`;` or `#` at the start or behind a blank: what other INI dialects take for a comment and the provider for the value.</summary>
    private static bool HoldsComment(string value)
    {
        for (int at = 0; at < value.Length; at++)
        {
            if (value[at] is ';' or '#' && (at == 0 || char.IsWhiteSpace(value[at - 1])))
                return true;
        }
        return false;
    }
}
