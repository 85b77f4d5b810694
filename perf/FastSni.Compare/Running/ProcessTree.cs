using System.Globalization;
using FastSni.Reports;

namespace FastSni.Compare.Running;

/// <summary>A process and everything below it, read from /proc at the moment of the call.</summary>
internal static class ProcessTree
{
    private const double TicksPerSecond = 100;   // USER_HZ, the same on every Linux this runs on.
    private const int ParentField = 1, UserField = 11, SystemField = 12;

    public static IReadOnlyList<int> Pids(int root)
    {
        ILookup<int, int> children = AllParents().ToLookup(entry => entry.Parent, entry => entry.Pid);
        List<int> tree = [root];
        for (int i = 0; i < tree.Count; i++)
            tree.AddRange(children[tree[i]]);
        return tree;
    }

    /// <summary>The sum of VmRSS. Pages that processes share count for each of them, as an operator's `ps` shows it.</summary>
    public static double ResidentMib(IEnumerable<int> pids) => SumMib(pids, "VmRSS:");

    /// <summary>The part of it that no file backs: heaps and stacks.</summary>
    public static double AnonymousMib(IEnumerable<int> pids) => SumMib(pids, "RssAnon:");

    /// <summary>How many descriptors are open.</summary>
    public static int Descriptors(IEnumerable<int> pids) => pids.Sum(pid => Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length);

    /// <summary>User and system time of whole processes, threads that are gone included, in steps of 10 ms.</summary>
    public static double CpuSeconds(IEnumerable<int> pids) => pids.Sum(pid => TryReadStat($"/proc/{pid}", out string[] fields)
        ? (Ticks(fields[UserField]) + Ticks(fields[SystemField])) / TicksPerSecond
        : throw new MeasurementException($"process {pid} is gone"));

    /// <summary>User and system time of each thread that is there, by its directory, in steps of 10 ms.</summary>
    public static IReadOnlyDictionary<string, double> ThreadCpuSeconds(IEnumerable<int> pids) =>
        pids.SelectMany(pid => Directory.GetDirectories($"/proc/{pid}/task")).ToDictionary(task => task, task =>
            TryReadStat(task, out string[] fields) ? (Ticks(fields[UserField]) + Ticks(fields[SystemField])) / TicksPerSecond : 0);

    /// <summary>How often any thread went back to sleep while we watched: what an idle program should not do.</summary>
    public static double WakeUpsPerSecond(IReadOnlyList<int> pids, TimeSpan watched)
    {
        long before = Sleeps(pids);
        Thread.Sleep(watched);
        return (Sleeps(pids) - before) / watched.TotalSeconds;
    }

    /// <summary>True once a tracer is attached to every thread.</summary>
    public static bool IsTraced(IEnumerable<int> pids) =>
        pids.SelectMany(pid => Directory.GetDirectories($"/proc/{pid}/task")).All(task => StatusNumber(task + "/status", "TracerPid:") != 0);

    // Involuntary switches are left out: they tell of other programs, and of a thread that yields while it spins.
    private static long Sleeps(IEnumerable<int> pids) => pids.SelectMany(pid => Directory.GetDirectories($"/proc/{pid}/task"))
        .Sum(task => StatusNumber(task + "/status", "voluntary_ctxt_switches:"));

    private static double SumMib(IEnumerable<int> pids, string key) => pids.Sum(pid => StatusNumber($"/proc/{pid}/status", key)) / 1024.0;

    private static IEnumerable<(int Pid, int Parent)> AllParents()
    {
        foreach (string directory in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out int pid) && TryReadParent(pid, out int parent))
                yield return (pid, parent);
        }
    }

    private static bool TryReadParent(int pid, out int parent)
    {
        parent = 0;
        return TryReadStat($"/proc/{pid}", out string[] fields) && int.TryParse(fields[ParentField], CultureInfo.InvariantCulture, out parent);
    }

    private static bool TryReadStat(string directory, out string[] fieldsAfterName)
    {
        fieldsAfterName = [];
        try
        {
            // `pid (name) state ppid …`: the name may hold spaces and brackets.
            string stat = File.ReadAllText(directory + "/stat");
            fieldsAfterName = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return true;
        }
        catch (IOException)
        {
            return false;   // It ended while we looked.
        }
    }

    private static long Ticks(string field) => long.Parse(field, CultureInfo.InvariantCulture);

    private static long StatusNumber(string path, string key)
    {
        try
        {
            string? line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;       // It ended while we looked.
        }
    }
}
