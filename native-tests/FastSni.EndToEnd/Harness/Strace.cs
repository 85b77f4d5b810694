using System.Diagnostics;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// strace(1) on a running gateway, making chosen system calls fail. It is started and ended by its own id; the gateway then goes on alone.
/// </summary>
internal sealed class Strace : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ProgramLog _log;

    private Strace(Process process) => (_process, _log) = (process, new ProgramLog(process));

    /// <summary>How many calls were made to fail, as strace wrote them down.</summary>
    public int Injected => _log.Lines.Count(line => line.Contains("(INJECTED)", StringComparison.Ordinal));

    /// <param name="injections">As strace's -e inject= takes them: `splice:error=EAGAIN:when=3+3`.</param>
    public static async Task<Strace> AttachAsync(Gateway gateway, params string[] injections)
    {
        string path = Tool.Require("strace");
        string[] calls = [.. injections.SelectMany(injection => injection.Split(':')[0].Split(',')).Distinct()];
        string[] arguments =
        [
            "-f", "-p", gateway.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), "-e", $"trace={string.Join(',', calls)}",
            .. injections.SelectMany(injection => new[] { "-e", $"inject={injection}" }),
        ];
        Strace strace = new(Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!);
        await Patience.UntilAsync(
            () => strace._process.HasExited || strace._log.Lines.Any(line => line.Contains("attached", StringComparison.Ordinal)),
            () => $"strace to attach\n{strace._log.Tail}");
        if (strace._process.HasExited)
            Tool.GiveUp($"strace may not attach here: {strace._log.Tail}");
        return strace;
    }

    public async ValueTask DisposeAsync()
    {
        // SIGTERM lets it detach; killed, it could leave the gateway stopped.
        if (!_process.HasExited)
            Posix.Send(Signal.Terminate, _process.Id);
        await _process.WaitForExitAsync().Within("strace to detach");
        _process.Dispose();
    }
}
