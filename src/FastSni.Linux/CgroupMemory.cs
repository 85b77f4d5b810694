using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace FastSni.Linux;

/// <summary>What a cgroup uses of the memory it may use.</summary>
/// <param name="Path">The cgroup's folder; empty where there is no limit.</param>
/// <param name="UsedBytes">Without the page cache that the kernel gives up first.</param>
/// <param name="LimitBytes">0 = no limit.</param>
public readonly record struct CgroupUse(string Path, long UsedBytes, long LimitBytes)
{
    /// <summary>0 where there is no limit.</summary>
    public double Fraction => LimitBytes > 0 ? (double)UsedBytes / LimitBytes : 0;
}

/// <summary>
/// The memory limit that the kernel would kill this process for: that of its own cgroup, or of one above, whichever is nearest. Both versions of
/// cgroups are read (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst); a machine may mount both.
/// </summary>
public sealed class CgroupMemory : IDisposable
{
    private readonly CgroupLevel[] _levels;
    private readonly byte[] _buffer = new byte[16 * 1024];  // memory.stat has a few KiB.

    private CgroupMemory(CgroupLevel[] levels) => _levels = levels;

    /// <summary>False where there is nothing to look at: <see cref="Sample"/> then never finds a limit.</summary>
    public bool HasLevels => _levels.Length > 0;

    /// <summary>Finds the cgroups that this process is in now.</summary>
    /// <param name="root">In whose stead `/` stands.</param>
    public static CgroupMemory Find(string root = "/")
    {
        try
        {
            string[] mounts = File.ReadAllLines(Path.Combine(root, "proc/self/mountinfo"));
            string[] memberships = File.ReadAllLines(Path.Combine(root, "proc/self/cgroup"));
            return new CgroupMemory([.. CgroupTree.Folders(mounts, memberships, root).Select(folder => CgroupLevel.TryOpen(folder.Path, folder.Files)).OfType<CgroupLevel>()]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new CgroupMemory([]);    // A kernel without cgroups.
        }
    }

    /// <summary>The level that is nearest to its limit now. Does not allocate; for one thread at a time.</summary>
    public CgroupUse Sample()
    {
        CgroupUse nearest = default;
        foreach (CgroupLevel level in _levels)
        {
            if (level.Sample(_buffer) is var use && use.Fraction > nearest.Fraction)
                nearest = use;
        }
        return nearest;
    }

    public void Dispose()
    {
        foreach (CgroupLevel level in _levels)
            level.Dispose();
    }
}

/// <summary>One cgroup's files, kept open: reading one from its start again makes the kernel write it anew.</summary>
internal sealed class CgroupLevel : IDisposable
{
    // Version 1 says "no limit" as the largest multiple of a page, and no machine has a pebibyte.
    private const long NoLimitBytes = 1L << 50;

    private readonly string _path;
    private readonly SafeFileHandle _limit, _usage, _stat;
    private readonly byte[] _cacheKey;

    private CgroupLevel(string path, CgroupFiles files)
    {
        (_path, _cacheKey) = (path, files.CacheKey);
        _limit = Open(files.Limit);
        _usage = Open(files.Usage);
        _stat = Open("memory.stat");

        SafeFileHandle Open(string name) => File.OpenHandle(Path.Combine(path, name), share: FileShare.ReadWrite | FileShare.Delete);
    }

    /// <returns>null where the files are missing: the topmost cgroup has no limit, and below it the controller may be switched off.</returns>
    internal static CgroupLevel? TryOpen(string path, CgroupFiles files)
    {
        try
        {
            return new CgroupLevel(path, files);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal CgroupUse Sample(byte[] buffer)
    {
        try
        {
            if (ReadNumber(_limit, buffer) is not { } limit || limit is <= 0 or >= NoLimitBytes || ReadNumber(_usage, buffer) is not { } usage)
                return default;
            return new CgroupUse(_path, Math.Max(0, usage - ReadCache(buffer)), limit);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default;     // ENODEV: the cgroup was removed, and with it its limit.
        }
    }

    public void Dispose()
    {
        _limit.Dispose();
        _usage.Dispose();
        _stat.Dispose();
    }

    /// <summary>null for `max`.</summary>
    private static long? ReadNumber(SafeFileHandle file, byte[] buffer) =>
        Utf8Parser.TryParse(buffer.AsSpan(0, RandomAccess.Read(file, buffer, 0)), out long number, out _) ? number : null;

    private long ReadCache(byte[] buffer)
    {
        ReadOnlySpan<byte> rest = buffer.AsSpan(0, RandomAccess.Read(_stat, buffer, 0));
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            if (line.StartsWith(_cacheKey))
                return Utf8Parser.TryParse(line[_cacheKey.Length..], out long bytes, out _) ? bytes : 0;
            rest = end < 0 ? [] : rest[(end + 1)..];
        }
        return 0;
    }
}
