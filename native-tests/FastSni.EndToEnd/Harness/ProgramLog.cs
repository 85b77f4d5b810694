using System.Collections.Concurrent;
using System.Diagnostics;

namespace FastSni.EndToEnd.Harness;

/// <summary>The lines a program wrote on standard output and standard error, as they come.</summary>
internal sealed class ProgramLog
{
    private readonly ConcurrentQueue<string> _lines = [];

    public ProgramLog(Process process)
    {
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>The last lines, for a failing test to show.</summary>
    public string Tail => string.Join('\n', _lines.TakeLast(15));

    public async Task<string> LineAsync(Func<string, bool> isWanted, string what, TimeSpan? within = null)
    {
        string? found = null;
        await Patience.UntilAsync(() => (found = _lines.FirstOrDefault(isWanted)) is not null, () => $"a log line: {what}\n{Tail}", within);
        return found!;
    }

    public Task<string> LineWithAsync(string text) => LineAsync(line => line.Contains(text, StringComparison.OrdinalIgnoreCase), $"'{text}'");

    private void Add(string? line)
    {
        if (line is not null)
            _lines.Enqueue(line);
    }
}
