using System.Globalization;
using System.Text;

namespace FastSni.Http;

/// <summary>
/// Brings the path of a request to the one form in which sections' paths are compared. The backend gets it as the client sent it, and reads it in its own
/// way; so there are two readings, and a path that the two would send to different sections is not served (see <see cref="TryRead"/>).
/// </summary>
public static class RequestPath
{
    /// <summary>
    /// Decoded once, as UTF-8; `.` and `..` removed (RFC 3986 5.2.4); `//` counts as `/`; case counts. The result has no slash at its end, unless nothing had
    /// to be done.
    /// Plain (nginx, most others): an encoded slash or percent sign stays as %2F, %25, so that it is neither a separator nor an escape.
    /// Loose (Tomcat, IIS and their like): an encoded slash or backslash separates, and a segment ends at its semicolon.
    /// </summary>
    /// <param name="path">Begins with a slash; ASCII.</param>
    /// <returns>
    /// False: a percent sign that begins no escape, an escaped NUL, or `..` behind an empty segment, of which servers make different things.
    /// </returns>
    public static bool TryRead(string path, bool isLoose, out string normal)
    {
        normal = path;
        bool hasEscape = path.Contains('%', StringComparison.Ordinal);
        bool isNormal = !hasEscape && !path.Contains("//", StringComparison.Ordinal) && !path.Contains("/.", StringComparison.Ordinal)
            && !(isLoose && path.Contains(';', StringComparison.Ordinal));
        if (isNormal)
            return true;
        return (!hasEscape || TryDecode(path, isLoose, out normal)) && TryRemoveDots(normal, isLoose, out normal);
    }

    /// <summary>Whole segments: `/app` covers `/app` and `/app/x`, but not `/apple`.</summary>
    /// <param name="prefix">A section's path: `/`, or without a slash at the end.</param>
    public static bool IsUnder(string normal, string prefix) =>
        prefix == "/" || (normal.StartsWith(prefix, StringComparison.Ordinal) && (normal.Length == prefix.Length || normal[prefix.Length] == '/'));

    private static bool TryDecode(string path, bool isLoose, out string decoded)
    {
        decoded = "";
        byte[] bytes = new byte[path.Length];
        int length = 0;
        for (int i = 0; i < path.Length; i++)
        {
            byte value = (byte)path[i];
            if (value == '%')
            {
                if (i + 2 >= path.Length || !byte.TryParse(path.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) || value == 0)
                    return false;
                i += 2;
                if (value == '%' || (value == '/' && !isLoose))
                {
                    length += Encoding.ASCII.GetBytes(value == '%' ? "%25" : "%2F", bytes.AsSpan(length));
                    continue;
                }
                if (value == '\\' && isLoose)
                    value = (byte)'/';
            }
            bytes[length++] = value;
        }
        decoded = Encoding.UTF8.GetString(bytes, 0, length);
        return true;
    }

    private static bool TryRemoveDots(string path, bool isLoose, out string normal)
    {
        List<string> kept = [];
        string previous = "none";
        normal = "";
        foreach (string whole in path[1..].Split('/'))
        {
            string segment = isLoose && whole.IndexOf(';', StringComparison.Ordinal) is >= 0 and int end ? whole[..end] : whole;
            if (segment == ".." && previous.Length == 0)
                return false;
            if (segment == ".." && kept.Count > 0)
                kept.RemoveAt(kept.Count - 1);
            else if (segment is not ("" or "." or ".."))
                kept.Add(segment);
            previous = segment;
        }
        normal = "/" + string.Join('/', kept);
        return true;
    }
}
