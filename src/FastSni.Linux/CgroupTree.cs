namespace FastSni.Linux;

/// <summary>How a version of cgroups calls what is read.</summary>
/// <param name="CacheKey">Of memory.stat, with the blank behind it: page cache that was used once, of the cgroup and all below it.</param>
internal sealed record CgroupFiles(string Limit, string Usage, byte[] CacheKey)
{
    internal static CgroupFiles Version1 { get; } = new("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "u8.ToArray());

    internal static CgroupFiles Version2 { get; } = new("memory.max", "memory.current", "inactive_file "u8.ToArray());
}

/// <summary>Where the cgroups of a process are, as /proc tells it (cgroups(7), proc_pid_mountinfo(5)).</summary>
internal static class CgroupTree
{
    private const string Version2Type = "cgroup2";

    /// <summary>The folder of each cgroup that holds the process and may limit its memory: its own, and those above it up to the mount point.</summary>
    /// <param name="mounts">Lines of mountinfo.</param>
    /// <param name="memberships">Lines of /proc/PID/cgroup: `0::/path` for version 2, `4:memory:/path` for version 1.</param>
    internal static IEnumerable<(string Path, CgroupFiles Files)> Folders(string[] mounts, string[] memberships, string root)
    {
        foreach (string membership in memberships)
        {
            if (membership.Split(':', 3) is not [var hierarchy, var controllers, var group])
                continue;
            bool isVersion2 = hierarchy == "0" && controllers.Length == 0;
            if (!isVersion2 && !controllers.Split(',').Contains("memory"))
                continue;
            if (mounts.Select(line => Mount.Parse(line)).FirstOrDefault(mount => mount is not null && mount.IsOf(isVersion2)) is not { } found)
                continue;
            string top = Path.Join(root, found.Point).TrimEnd('/');
            foreach (string folder in Upwards(top, found.Below(group)))
                yield return (folder, isVersion2 ? CgroupFiles.Version2 : CgroupFiles.Version1);
        }
    }

    /// <param name="below">Begins with `/`, or is empty.</param>
    private static IEnumerable<string> Upwards(string top, string below)
    {
        for (; below.Length > 0; below = below[..below.LastIndexOf('/')])
            yield return top + below;
        yield return top;
    }

    /// <param name="Root">Which folder of the file system is seen at the mount point: in a container not always `/`.</param>
    private sealed record Mount(string Root, string Point, string Type, string[] Options)
    {
        internal static Mount? Parse(string line)
        {
            string[] halves = line.Split(" - ", 2);
            string[] first = halves[0].Split(' ');
            string[] second = halves.Length == 2 ? halves[1].Split(' ') : [];
            return first.Length < 5 || second.Length < 3 ? null : new Mount(first[3], first[4], second[0], second[2].Split(','));
        }

        internal bool IsOf(bool isVersion2) => isVersion2 ? Type == Version2Type : Type == "cgroup" && Options.Contains("memory");

        /// <summary>The cgroup's path from the mount point on; empty for the mount point itself, and for a cgroup that is not seen from here (`/../other`).</summary>
        internal string Below(string group)
        {
            string root = Root.TrimEnd('/');
            string below = root.Length > 0 && (group + "/").StartsWith(root + "/", StringComparison.Ordinal) ? group[root.Length..] : group;
            return below.Split('/').Contains("..") ? "" : below.TrimEnd('/');
        }
    }
}
