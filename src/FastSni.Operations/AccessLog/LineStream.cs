using Microsoft.Win32.SafeHandles;

namespace FastSni.Operations;

/// <summary>
/// Writes whole lines to an open file, pipe or socket. What a failing write leaves of a line is written first once writing works again,
/// so that no line ever continues with another.
/// </summary>
internal sealed class LineStream : IDisposable
{
    private const byte LineFeed = (byte)'\n';

    private readonly ILogFiles _files;
    private readonly SafeFileHandle _file;
    private byte[] _cutLine = [];       // The rest of the line that was begun and not finished.

    /// <param name="file">Closed with the stream, if the handle owns it.</param>
    public LineStream(ILogFiles files, SafeFileHandle file) => (_files, _file) = (files, file);

    /// <summary>Lines begun and not finished: 0 or 1.</summary>
    public int CutLines => _cutLine.Length > 0 ? 1 : 0;

    /// <summary>Writes what it can; blocks as long as the kernel does.</summary>
    /// <param name="lines">Each with its line feed.</param>
    public LineCounts Write(ReadOnlySpan<byte> lines)
    {
        int given = lines.Count(LineFeed);
        int finished = CutLines;
        _cutLine = _cutLine[WriteAll(_cutLine, out string? error)..];
        if (error is not null)
            return new(Written: 0, Dropped: given, error);

        int taken = WriteAll(lines, out error);
        int written = lines[..taken].Count(LineFeed);
        if (taken > 0 && lines[taken - 1] != LineFeed)
        {
            ReadOnlySpan<byte> rest = lines[taken..];
            _cutLine = rest[..(rest.IndexOf(LineFeed) + 1)].ToArray();
        }
        return new(finished + written, Dropped: given - written - CutLines, error);
    }

    public void Dispose() => _file.Dispose();

    /// <returns>The bytes taken: all of them, unless there is an error.</returns>
    private int WriteAll(ReadOnlySpan<byte> bytes, out string? error)
    {
        error = null;
        int taken = 0;
        try
        {
            while (taken < bytes.Length)
                taken += _files.Write(_file, bytes[taken..]);
        }
        catch (IOException failure)
        {
            error = failure.Message;
        }
        return taken;
    }
}

/// <summary>
/// What became of lines given to a <see cref="LineStream"/>; one that is cut counts when it is finished, or when its stream is given up.
/// </summary>
/// <param name="Error">Why lines were dropped or cut; null if none was.</param>
internal readonly record struct LineCounts(int Written, int Dropped, string? Error);
