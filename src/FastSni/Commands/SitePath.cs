using FastSni.Config;

namespace FastSni.Commands;

/// <summary>Which of the sections that share a name a path belongs to (docs/configuration.md, "Sites").</summary>
internal static class SitePath
{
    /// <summary>Decoded, without a query, empty segments, `.` and `..`.</summary>
    internal static string Normalise(string path)
    {
        List<string> kept = [];
        foreach (string segment in Uri.UnescapeDataString(path.Split('?', '#')[0]).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == "..")
                kept.RemoveRange(Math.Max(0, kept.Count - 1), Math.Min(1, kept.Count));
            else if (segment != ".")
                kept.Add(segment);
        }
        return "/" + string.Join('/', kept);
    }

    /// <returns>The section with the longest path that covers this one in whole segments; null where none does.</returns>
    internal static OffloadSection? Choose(IEnumerable<OffloadSection> sections, string path) => sections
        .Where(section => section.Path == "/" || path == section.Path || path.StartsWith(section.Path + "/", StringComparison.Ordinal))
        .MaxBy(section => section.Path.Length);
}
