using System.Globalization;

namespace FastSni.EndToEnd.Harness;

/// <summary>What /proc says about a process right now.</summary>
internal sealed class ProcessFacts(int pid)
{
    /// <summary>It has left; a zombie has, too.</summary>
    public bool HasEnded
    {
        get
        {
            try
            {
                string stat = File.ReadAllText($"/proc/{pid}/stat");
                return stat[stat.LastIndexOf(')') + 2] is 'Z' or 'X';
            }
            catch (IOException)
            {
                return true;
            }
        }
    }

    /// <summary>Open descriptors.</summary>
    public int Descriptors => Directory.GetFiles($"/proc/{pid}/fd").Length;

    /// <summary>Descriptors that are an end of a pipe; the program's own stdout and stderr are among them.</summary>
    public int PipeEnds => Links().Count(link => link.StartsWith("pipe:", StringComparison.Ordinal));

    /// <summary>What the program itself opened of them.</summary>
    public IEnumerable<string> PipePaths => Directory.GetFiles($"/proc/{pid}/fd")
        .Where(path => (new FileInfo(path).LinkTarget ?? "").StartsWith("pipe:", StringComparison.Ordinal) && Path.GetFileName(path) is not ("0" or "1" or "2"));

    public int Threads => Directory.GetDirectories($"/proc/{pid}/task").Length;

    public long ResidentBytes => 1024 * Status("VmRSS:");

    /// <summary>Of these what is nobody's file: the program's code comes and goes as it is used.</summary>
    public long AnonymousBytes => 1024 * Status("RssAnon:");

    /// <summary>User and system time, in clock ticks of 10 ms.</summary>
    public long CpuTicks
    {
        get
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            // The second field, the program's name, may hold anything: count from behind its closing bracket.
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        }
    }

    /// <summary>
    /// The process rests: in one of a few windows of time it spends no more than these ticks. A machine's hiccup is not seen twice; a spin is seen always.
    /// </summary>
    public async Task AssertRestsAsync(long ticks, TimeSpan window, int windows = 3)
    {
        List<long> spent = [];
        do
        {
            long before = CpuTicks;
            await Task.Delay(window);
            spent.Add(CpuTicks - before);
        }
        while (spent[^1] > ticks && spent.Count < windows);
        Assert.True(spent[^1] <= ticks, $"{string.Join(", ", spent)} ticks of CPU in windows of {window}, where {ticks} are allowed");
    }

    /// <summary>Waits until the process holds no more descriptors than before.</summary>
    public Task DescriptorsBackToAsync(int before) =>
        Patience.UntilAsync(() => Descriptors <= before, () => $"{Descriptors} descriptors to come back to {before}");

    private long Status(string field)
    {
        string line = File.ReadLines($"/proc/{pid}/status").First(candidate => candidate.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture);
    }

    private IEnumerable<string> Links() =>
        Directory.GetFiles($"/proc/{pid}/fd").Select(path => new FileInfo(path).LinkTarget ?? "");
}
