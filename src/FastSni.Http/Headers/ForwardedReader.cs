using System.Text;

namespace FastSni.Http;

/// <summary>Reads one line of a Forwarded header (RFC 7239 section 4), element by element. Reading ends at what is not of its grammar.</summary>
internal ref struct ForwardedReader(ReadOnlySpan<char> line)
{
    private ReadOnlySpan<char> _rest = line;

    /// <summary>Of the element read last; null where it has none.</summary>
    internal string? For { get; private set; }

    internal string? Proto { get; private set; }

    internal string? Host { get; private set; }

    internal bool TryReadElement()
    {
        (For, Proto, Host) = (null, null, null);
        _rest = _rest.TrimStart(" \t,");
        if (_rest.IsEmpty)
            return false;
        while (TryReadPair())
        {
            SkipBlanks();
            if (_rest is [';', ..])
                _rest = _rest[1..];
            else if (_rest.IsEmpty || _rest[0] == ',')
                return true;
            else
                break;
        }
        // Whoever wrote this, it can't be told what belongs to whom: an element that names nobody ends it.
        (For, Proto, Host) = (null, null, null);
        _rest = default;
        return true;
    }

    private bool TryReadPair()
    {
        SkipBlanks();
        int equals = _rest.IndexOf('=');
        if (equals <= 0 || _rest[..equals].ContainsAny(" \t,;\""))
            return false;
        ReadOnlySpan<char> name = _rest[..equals];
        _rest = _rest[(equals + 1)..];
        if (!TryReadValue(out string value))
            return false;
        if (name.Equals("for", StringComparison.OrdinalIgnoreCase))
            For = value;
        else if (name.Equals("proto", StringComparison.OrdinalIgnoreCase))
            Proto = value;
        else if (name.Equals("host", StringComparison.OrdinalIgnoreCase))
            Host = value;
        return true;
    }

    private bool TryReadValue(out string value)
    {
        if (_rest is ['"', ..])
            return TryReadQuoted(out value);
        int end = _rest.IndexOfAny(" \t,;\"");
        value = (end < 0 ? _rest : _rest[..end]).ToString();
        _rest = end < 0 ? default : _rest[end..];
        return value.Length > 0;
    }

    private bool TryReadQuoted(out string value)
    {
        var text = new StringBuilder();
        for (int i = 1; i < _rest.Length; i++)
        {
            if (_rest[i] == '"')
            {
                value = text.ToString();
                _rest = _rest[(i + 1)..];
                return true;
            }
            if (_rest[i] == '\\' && ++i == _rest.Length)
                break;
            text.Append(_rest[i]);
        }
        value = "";
        return false;
    }

    private void SkipBlanks() => _rest = _rest.TrimStart(" \t");
}
