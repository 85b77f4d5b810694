using FastSni.Linux;

namespace FastSni.NativeTests.Support;

/// <summary>A folder that stands for `/`, with what the kernel would show of cgroups.</summary>
internal sealed class CgroupFolder : IDisposable
{
    internal const string Version2Mount = "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate";

    internal string Root { get; } = Directory.CreateTempSubdirectory("fastsni-cgroup-").FullName;

    internal CgroupMemory Find() => CgroupMemory.Find(Root);

    /// <summary>What a process is told about itself.</summary>
    internal CgroupFolder Tell(string mounts, string memberships) =>
        Write("proc/self/mountinfo", "22 28 0:20 / /proc rw - proc proc rw\n" + mounts + "\n").Write("proc/self/cgroup", memberships + "\n");

    internal CgroupFolder Version2(string group, string max, long current, long inactive) => Write($"sys/fs/cgroup{group}/memory.max", max + "\n")
        .Write($"sys/fs/cgroup{group}/memory.current", $"{current}\n")
        .Write($"sys/fs/cgroup{group}/memory.stat", $"anon 5\ninactive_anon 7\ninactive_file {inactive}\nactive_file 9\n");

    internal CgroupFolder Version1(string folder, long limit, long usage, long inactive) => Write($"{folder}/memory.limit_in_bytes", $"{limit}\n")
        .Write($"{folder}/memory.usage_in_bytes", $"{usage}\n")
        .Write($"{folder}/memory.stat", $"inactive_file 1\ntotal_cache 3\ntotal_inactive_file {inactive}\n");

    internal CgroupFolder Write(string path, string text)
    {
        string file = Path.Join(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return this;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
