using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using FastSni.Reports;

namespace FastSni.LoadTests.Staging;

/// <summary>What the gateway and the kernel say of it at one moment.</summary>
internal sealed record GatewaySample(
    double Seconds, int ProcessId, double ResidentMib, double AnonymousMib, int Descriptors, int Threads, int Sessions, long Accepted, long PipesIdle,
    string Status);

/// <summary>
/// The gateway under load: a copy of the program in a directory of its own, started by us, asked and changed by its own commands. Every process that is ended
/// is ended by its id, after a look that it is still this program.
/// </summary>
internal sealed class StagedGateway : IDisposable
{
    private const int User1 = 10, Terminate = 15, Kill = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90), Interval = TimeSpan.FromMilliseconds(100);

    private readonly string _directory, _socketPath, _program;
    private readonly List<int> _known = [];
    private Process? _first;

    /// <param name="program">The published binary.</param>
    /// <param name="directory">For the copy, its configuration and its output.</param>
    /// <param name="socketPath">The control socket that the configuration names.</param>
    public StagedGateway(string program, string directory, string socketPath)
    {
        (_directory, _socketPath, _program) = (directory, socketPath, Path.Combine(directory, "fastsni"));
        File.Copy(program, _program);
    }

    public string ConfigPath => Path.Combine(_directory, "fastsni.ini");

    /// <summary>Standard output and error; with a log file of its own the gateway has nothing to say there.</summary>
    public string OutputPath => Path.Combine(_directory, "output.log");

    public int ServingId => _known[^1];

    public bool IsServing => IsOurs(ServingId);

    public void Write(string configuration) => File.WriteAllText(ConfigPath, configuration);

    public async Task StartAsync()
    {
        // The shell becomes the program by exec, so that the process id is the program's own.
        _first = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >\"$0\" 2>&1", OutputPath, _program, "run", "--config", ConfigPath]))!;
        _known.Add(_first.Id);
        await UntilAsync(async () => _first.HasExited || (await CommandAsync("status", "--json")).ExitCode == 0, "the gateway to be ready");
        if (_first.HasExited)
            throw new MeasurementException($"the gateway left at its start: {File.ReadAllText(OutputPath)}");
    }

    /// <summary>Runs one of the program's commands against the running gateway.</summary>
    public async Task<(int ExitCode, string Output)> CommandAsync(string command, params string[] arguments)
    {
        ProcessStartInfo start = new(_program, [command, .. arguments, "--socket", _socketPath])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        using CancellationTokenSource patience = new(Patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token), error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return (-1, $"no answer within {Patience.TotalSeconds} s");
        }
    }

    /// <summary>Asks for the status and looks at the process that answered.</summary>
    public async Task<GatewaySample> SampleAsync(double seconds)
    {
        (int exitCode, string output) = await CommandAsync("status", "--json");
        if (exitCode != 0)
            throw new MeasurementException($"status: exit {exitCode}: {output}");
        using JsonDocument status = JsonDocument.Parse(output);
        int pid = status.RootElement.GetProperty("processId").GetInt32();
        return new(seconds, pid, StatusKib(pid, "VmRSS:") / 1024.0, StatusKib(pid, "RssAnon:") / 1024.0,
            Directory.GetFiles($"/proc/{pid}/fd").Length, Directory.GetDirectories($"/proc/{pid}/task").Length,
            status.RootElement.GetProperty("sessions").GetInt32(), status.RootElement.GetProperty("accepted").GetInt64(),
            status.RootElement.GetProperty("counters").GetProperty("pipes-idle").GetInt64(), output.Trim());
    }

    /// <summary>Has the program replaced as a package does it and the new one take over.</summary>
    public async Task<(int ExitCode, string Output)> UpgradeAsync()
    {
        string fresh = _program + ".new";
        File.Copy(_program, fresh);
        File.Move(fresh, _program, overwrite: true);
        (int ExitCode, string Output) result = await CommandAsync("upgrade");
        if (result.ExitCode == 0)
            _known.Add((await SampleAsync(0)).ProcessId);
        return result;
    }

    /// <summary>Waits for the process that was started first to end by itself; its exit code, or null if it is still there.</summary>
    public async Task<int?> FirstExitAsync(TimeSpan patience)
    {
        using CancellationTokenSource enough = new(patience);
        await _first!.WaitForExitAsync(enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _first.HasExited ? _first.ExitCode : null;
    }

    public void ReopenLogs()
    {
        foreach (int pid in _known.Where(IsOurs))
            Send(pid, User1);
    }

    /// <summary>SIGTERM; whether it left in time.</summary>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        Send(ServingId, Terminate);
        long until = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (IsServing && Environment.TickCount64 < until)
            await Task.Delay(Interval);
        return !IsServing;
    }

    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        for (long until = Environment.TickCount64 + (long)Patience.TotalMilliseconds; !await condition(); await Task.Delay(Interval))
        {
            if (Environment.TickCount64 > until)
                throw new MeasurementException($"waited {Patience.TotalSeconds} s in vain for {what}");
        }
    }

    public void Dispose()
    {
        foreach (int pid in _known.Where(IsOurs))
            Send(pid, Kill);
        _first?.Dispose();
    }

    // An id may have gone to another program since; a replaced file's name ends with " (deleted)".
    private bool IsOurs(int pid) => new FileInfo($"/proc/{pid}/exe").LinkTarget?.StartsWith(_program, StringComparison.Ordinal) == true;

    private static long StatusKib(int pid, string key)
    {
        string line = File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }

    private static void Send(int pid, int signal)
    {
        if (SendSignal(pid, signal) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"kill({pid}, {signal})");
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int SendSignal(int pid, int signal);
}
