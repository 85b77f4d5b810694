using System.Diagnostics;
using System.Globalization;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// strace(1) on a running gateway, making chosen system calls fail or counting them all. It is started and ended by its own id; the gateway then goes on
/// alone.
/// </summary>
internal sealed class Strace : IAsyncDisposable
{
    // No part of any work: the sum; what strace itself interrupted and is begun again; the runtime's pool, whose threads spin a little before they sleep, and
    // which looks at its CPU time twice a second.
    private static readonly string[] Foreign = ["total", "restart_syscall", "sched_yield", "getrusage"];

    private readonly Process _process;
    private readonly ProgramLog _log;

    private Strace(Process process) => (_process, _log) = (process, new ProgramLog(process));

    /// <summary>How many calls were made to fail, as strace wrote them down.</summary>
    public int Injected => _log.Lines.Count(line => line.Contains("(INJECTED)", StringComparison.Ordinal));

    /// <param name="injections">As strace's -e inject= takes them: `splice:error=EAGAIN:when=3+3`.</param>
    public static Task<Strace> AttachAsync(Gateway gateway, params string[] injections)
    {
        string[] calls = [.. injections.SelectMany(injection => injection.Split(':')[0].Split(',')).Distinct()];
        return StartAsync(gateway, ["-e", $"trace={string.Join(',', calls)}", .. injections.SelectMany(injection => new[] { "-e", $"inject={injection}" })]);
    }

    /// <summary>Counts the system calls of all the gateway's threads while something is done.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> CountAsync(Gateway gateway, Func<Task> work)
    {
        string summary = Path.Combine(gateway.Directory, "strace.txt");
        await using (await StartAsync(gateway, ["-c", "-o", summary]))
            await work();
        return ReadSummary(summary);
    }

    public async ValueTask DisposeAsync()
    {
        // SIGTERM lets it detach; killed, it could leave the gateway stopped.
        if (!_process.HasExited)
            Posix.Send(Signal.Terminate, _process.Id);
        await _process.WaitForExitAsync().Within("strace to detach");
        _process.Dispose();
    }

    private static async Task<Strace> StartAsync(Gateway gateway, string[] what)
    {
        string path = Tool.Require("strace");
        string[] arguments = ["-f", "-p", gateway.ProcessId.ToString(CultureInfo.InvariantCulture), .. what];
        Strace strace = new(Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!);
        await Patience.UntilAsync(
            () => strace._process.HasExited || strace._log.Lines.Any(line => line.Contains("attached", StringComparison.Ordinal)),
            () => $"strace to attach\n{strace._log.Tail}");
        if (strace._process.HasExited)
            Tool.GiveUp($"strace may not attach here: {strace._log.Tail}");
        return strace;
    }

    // "% time seconds usecs/call calls [errors] syscall", a ruler above and below, and a total.
    private static Dictionary<string, long> ReadSummary(string path)
    {
        Dictionary<string, long> calls = [];
        foreach (string[] words in File.ReadLines(path).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (words.Length >= 5 && !Foreign.Contains(words[^1]) && long.TryParse(words[3], CultureInfo.InvariantCulture, out long count))
                calls[words[^1]] = count;
        }
        return calls;
    }
}
