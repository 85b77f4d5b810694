using System.Diagnostics;

namespace FastSni.EndToEnd.Harness;

/// <summary>Programs that a gateway is started under, to have less than the machine gives. Where this is not permitted a test is skipped with the reason.</summary>
internal static class Confinement
{
    /// <summary>RLIMIT_NOFILE, soft and hard.</summary>
    public static string[] Descriptors(int count) => [Tool.Require("prlimit"), $"--nofile={count}:{count}"];

    /// <summary>Nobody, without capabilities. The directory is opened to everybody.</summary>
    public static string[] Nobody(string directory)
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "only root can start a program as somebody else");
        File.SetUnixFileMode(directory, (UnixFileMode)0x1FF);
        return [Tool.Require("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"];
    }

    /// <summary>Mounts of its own: what is mounted there is seen by the gateway alone, and is gone with it.</summary>
    /// <param name="script">Of sh; the program is started behind it.</param>
    public static async Task<string[]> MountsAsync(string script)
    {
        string unshare = Tool.Require("unshare");
        ToolResult attempt = await Tool.RunAsync(unshare, ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"]);
        Skip.IfNot(attempt.ExitCode == 0, $"mounts of one's own are not permitted here: {attempt.Error}");
        return [unshare, "--mount", "sh", "-c", $"{script} && exec \"$@\"", "sh"];
    }

    /// <summary>What the gateway sees at this path.</summary>
    public static string Seen(this Gateway gateway, string path) => $"/proc/{gateway.ProcessId}/root{path}";
}

/// <summary>A memory cgroup that the test makes (version 1 or 2) and takes away again.</summary>
internal sealed class MemoryCgroup : IDisposable
{
    private readonly string _path, _limit, _usage, _cacheKey;
    private Process? _ballast;

    private MemoryCgroup(string path, string limit, string usage, string cacheKey) => (_path, _limit, _usage, _cacheKey) = (path, limit, usage, cacheKey);

    /// <summary>As the program counts it: without the page cache that the kernel gives up first.</summary>
    public long UsedBytes
    {
        get
        {
            string cache = File.ReadLines($"{_path}/memory.stat").First(line => line.StartsWith(_cacheKey, StringComparison.Ordinal));
            return long.Parse(File.ReadAllText($"{_path}/{_usage}")) - long.Parse(cache.Split(' ')[1]);
        }
    }

    public long LimitBytes
    {
        set => File.WriteAllText($"{_path}/{_limit}", $"{value}");
    }

    /// <summary>
    /// Has another program use memory there, so that a twentieth of the limit is more than a moment's needs. The kernel would kill the gateway first.
    /// </summary>
    public Task FillAsync(long bytes)
    {
        string script = $"echo $$ > {_path}/cgroup.procs && (head -c {bytes} /dev/zero && read line) | tail -c {bytes} > /dev/null";
        _ballast = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardInput = true })!;
        return Patience.UntilAsync(() => UsedBytes >= bytes, () => $"{bytes} bytes to be used, {UsedBytes} are");
    }

    public string[] Entry => ["sh", "-c", $"echo $$ > {_path}/cgroup.procs && echo 1000 > /proc/$$/oom_score_adj && exec \"$@\"", "sh"];

    public static MemoryCgroup Create()
    {
        string name = $"fastsni-e2e-{Environment.ProcessId}-{Random.Shared.Next()}";
        List<string> reasons = [];
        foreach ((string root, string limit, string usage, string cacheKey) in new[]
        {
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "),
            ("/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file "),
        })
        {
            string path = $"{root}/{name}";
            try
            {
                Skip.IfNot(Directory.Exists(root), "there are no cgroups here");
                Directory.CreateDirectory(path);
                if (File.Exists($"{path}/{limit}"))
                    return new MemoryCgroup(path, limit, usage, cacheKey);
                Directory.Delete(path);
                reasons.Add($"{root} has no memory controller");
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                reasons.Add(failure.Message);
            }
        }
        Skip.If(true, $"no memory cgroup can be made here: {string.Join("; ", reasons)}");
        throw new InvalidOperationException();
    }

    public void Dispose()
    {
        _ballast?.StandardInput.Close();
        _ballast?.WaitForExit();
        _ballast?.Dispose();
        Directory.Delete(_path);
    }
}
