using FastSni.Config;

namespace FastSni.Backends;

/// <summary>
/// What an operator's `SECTION[/ADDRESS]` stands for. SECTION is a label such as `passthrough:mail`, or its name alone where one kind of section has it;
/// ADDRESS is written as in the file, and without its port it is every server at that address. Without ADDRESS it is every server of the section.
/// </summary>
internal static class DrainTarget
{
    /// <returns>Why it stands for nothing, or null.</returns>
    internal static string? Find(string target, BackendPools pools, out IReadOnlyList<(string Section, ServerAddress Server)> found)
    {
        found = [];
        int slash = target.IndexOf('/', StringComparison.Ordinal);
        string section = slash < 0 ? target : target[..slash];
        string[] labels = [.. pools.All.Select(pool => pool.Section).Distinct().Where(label => IsNamed(label, section))];
        if (labels.Length == 0)
            return $"there is no section {section} with servers: write its name, such as passthrough:NAME, offload:NAME or listen:NAME";
        if (labels.Length > 1)
            return $"{section} is the name of several sections: write {string.Join(" or ", labels)}";

        ServerAddress[] servers = [.. pools.All.Where(pool => pool.Section == labels[0]).SelectMany(pool => pool.Servers).Select(server => server.Config).Distinct()];
        if (slash >= 0)
        {
            string address = WithoutScheme(target[(slash + 1)..]);
            servers = Array.FindAll(servers, server => IsAt(server, address));
        }
        found = [.. servers.Select(server => (labels[0], server))];
        return found.Count > 0 ? null : $"{labels[0]} has no such server: write an address as it stands in the file, or none for all of them";
    }

    private static bool IsNamed(string label, string written) =>
        label.Equals(written, StringComparison.OrdinalIgnoreCase)
        || label[(label.IndexOf(':', StringComparison.Ordinal) + 1)..].Equals(written, StringComparison.OrdinalIgnoreCase);

    /// <summary>An offload section's servers are URLs in the file.</summary>
    private static string WithoutScheme(string address)
    {
        int end = address.IndexOf("://", StringComparison.Ordinal);
        return end < 0 ? address : address[(end + 3)..];
    }

    private static bool IsAt(ServerAddress server, string written) =>
        server.Text == written || (server.Port is { } port && server.Text == $"{written}:{port}");
}
