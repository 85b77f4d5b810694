using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;

namespace FastSni.Operations;

/// <summary>What `access-log` names: a file, `stdout`, `journal` or `off`. The log thread's own, once it has taken it.</summary>
internal sealed class LogTarget : IDisposable
{
    private readonly LogSystem _system;
    private FileIdentity? _identity;    // Of the open file; null for what has no path.

    private LogTarget(LogSystem system, string name, LineStream? stream, FileIdentity? identity = null) =>
        (_system, Name, Stream, _identity) = (system, name, stream, identity);

    /// <summary>As configured: an absolute path, or one of the three words.</summary>
    public string Name { get; }

    /// <summary>null for `off`.</summary>
    public LineStream? Stream { get; private set; }

    /// <summary>What every line begins with: a priority, informational, where the journal reads standard output (sd-daemon(3)).</summary>
    public ReadOnlySpan<byte> LinePrefix => Name == "journal" && _system.JournalReadsOutput ? "<6>"u8 : default;

    public static LogTarget Off(LogSystem system) => new(system, "off", stream: null);

    /// <param name="error">A sentence for the operator.</param>
    public static bool TryOpen(LogSystem system, string name, [NotNullWhen(true)] out LogTarget? target, [NotNullWhen(false)] out string? error)
    {
        (target, error) = (null, null);
        if (name == "off")
            target = Off(system);
        else if (name is "stdout" or "journal")
            target = new LogTarget(system, name, new LineStream(system.Files, system.OpenOutput()));
        else if (LogFileOpener.TryOpen(system.Files, name, out SafeFileHandle? file, out FileIdentity identity, out error))
            target = new LogTarget(system, name, new LineStream(system.Files, file), identity);
        return target is not null;
    }

    /// <summary>Opens the file anew if its path leads elsewhere by now: logrotate has renamed it. If that fails the old one stays in use.</summary>
    /// <param name="error">Why it failed: a sentence that begins with the path.</param>
    /// <returns>What the old file leaves.</returns>
    public LineCounts ReopenIfMoved(out string? error)
    {
        error = null;
        if (_identity is null || _system.Files.Identify(Name) == _identity
            || !LogFileOpener.TryOpen(_system.Files, Name, out SafeFileHandle? file, out FileIdentity identity, out error))
            return default;
        LineCounts last = Close();
        (Stream, _identity) = (new LineStream(_system.Files, file), identity);
        return last;
    }

    /// <summary>Gives up the line that was cut, if any.</summary>
    public LineCounts Close()
    {
        int cutLines = Stream?.CutLines ?? 0;
        Dispose();
        return new(Written: 0, Dropped: cutLines, Error: null);
    }

    public void Dispose() => Stream?.Dispose();
}

/// <summary>The world outside as the log sees it.</summary>
/// <param name="OutputDescriptor">Standard output; never closed.</param>
/// <param name="JournalReadsOutput">Standard output is the journal's.</param>
internal sealed record LogSystem(ILogFiles Files, int OutputDescriptor, bool JournalReadsOutput)
{
    public SafeFileHandle OpenOutput() => new(OutputDescriptor, ownsHandle: false);
}
