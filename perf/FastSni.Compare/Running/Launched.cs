using System.Diagnostics;
using FastSni.Reports;

namespace FastSni.Compare.Running;

/// <summary>A process we started, kept in its place. Disposing it ends it and its children, by their ids.</summary>
internal sealed class Launched : IDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly string _logPath;

    private Launched(Process process, string logPath) => (_process, _logPath) = (process, logPath);

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Its last words, for an error message.</summary>
    public string LogTail => File.Exists(_logPath) ? string.Join(" | ", File.ReadLines(_logPath).TakeLast(5)) : "";

    /// <summary>Starts a program whose output nobody reads: it goes to the log.</summary>
    public static Launched Silent(CommandLine command, Place place, string logPath) =>
        Start(command, place, logPath, "exec \"$@\" >\"$0\" 2>&1", talks: false);

    /// <summary>Starts a program that answers on standard output and may wait for the end of its input.</summary>
    public static Launched Talking(CommandLine command, Place place, string logPath) =>
        Start(command, place, logPath, "exec \"$@\" 2>\"$0\"", talks: true);

    private static Launched Start(CommandLine command, Place place, string logPath, string shell, bool talks)
    {
        // The shell becomes the next by exec, as what keeps it in its place does, so that the process id is the program's own.
        ProcessStartInfo start = new("/bin/sh", ["-c", shell, logPath, .. place.Wrap(command)])
        {
            RedirectStandardOutput = talks,
            RedirectStandardInput = true,
        };
        return new(Process.Start(start)!, logPath);
    }

    /// <summary>One line of its answer, or an error once the time is up.</summary>
    public string ReadLine(TimeSpan patience)
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        if (!line.Wait(patience))
            throw new MeasurementException($"no answer within {patience.TotalSeconds:0} s: {LogTail}");
        return line.Result ?? throw new MeasurementException($"ended without an answer: {LogTail}");
    }

    /// <summary>Lets a program that waits for it end in its own way.</summary>
    public void EndInputAndWait()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(EndPatience);
    }

    public bool WaitForExit(TimeSpan patience) => _process.WaitForExit(patience);

    /// <summary>Awaits a sign of life: without it the process is ended before the exception goes on.</summary>
    public T EndUnless<T>(Func<T> comesUp)
    {
        try
        {
            return comesUp();
        }
        catch (MeasurementException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Ends it and its children now.</summary>
    public void End()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit(EndPatience);
    }

    public void Dispose()
    {
        End();
        _process.Dispose();
    }
}
