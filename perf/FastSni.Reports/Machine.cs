using System.Globalization;

namespace FastSni.Reports;

/// <summary>What the numbers were taken on, and how much the machine was taken away meanwhile.</summary>
public sealed class Machine
{
    private const int StealField = 8;

    private readonly long[] _jiffiesAtStart = ReadJiffies();

    public IReadOnlyList<string> Describe() =>
        [DescribeHost()[0], $"congestion control {Setting("net/ipv4/tcp_congestion_control")}, loopback, own network namespace", DescribeHost()[1]];

    /// <summary>What is true of the machine, whatever namespace we are in.</summary>
    public IReadOnlyList<string> DescribeHost()
    {
        string model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) ?? ": unknown";
        string load = string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);
        return
        [
            $"{CpuCount} × {model[(model.IndexOf(':', StringComparison.Ordinal) + 2)..]}, Linux {Setting("kernel/osrelease")}",
            $"load average at the end {load}; stolen by the hypervisor during the run {StolenShare().ToString("0.0%", CultureInfo.InvariantCulture)}",
        ];
    }

    private static string Setting(string key) => File.ReadAllText("/proc/sys/" + key).Trim();

    // Environment.ProcessorCount would count what this pinned process may use.
    public static int CpuCount { get; } = File.ReadLines("/proc/cpuinfo").Count(line => line.StartsWith("processor", StringComparison.Ordinal));

    private double StolenShare()
    {
        long[] spent = [.. ReadJiffies().Zip(_jiffiesAtStart, (now, then) => now - then)];
        return spent.Sum() == 0 ? 0 : (double)spent[StealField - 1] / spent.Sum();
    }

    // user nice system idle iowait irq softirq steal; what follows is part of these.
    private static long[] ReadJiffies()
    {
        string[] words = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return [.. words.Skip(1).Take(StealField).Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
    }
}
