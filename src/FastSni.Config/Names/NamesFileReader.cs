using System.Text;
using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config.Names;

/// <summary>One pattern a line; blank lines and lines that begin with # are passed over.</summary>
internal sealed class NamesFileReader : IDisposable
{
    private readonly FileStream _stream;
    private readonly LineReader _lines;

    /// <summary>Throws what opening a file throws; see <see cref="InputFile"/>.</summary>
    public NamesFileReader(string file)
    {
        _stream = InputFile.Open(file);
        _lines = new LineReader(_stream);
    }

    /// <summary>Of the pattern last read, from 1.</summary>
    public int LineNumber => _lines.LineNumber;

    /// <param name="pattern">Valid until the next call; empty where there is a problem.</param>
    /// <param name="problem">What is wrong with the line and what would be right; empty where nothing is.</param>
    /// <returns>False at the end of the file.</returns>
    public bool TryRead(out NamePattern pattern, out string problem)
    {
        pattern = default;
        problem = "";
        while (_lines.TryRead(out Span<byte> line))
        {
            if (_lines.LineNumber == 1 && line.StartsWith(Encoding.UTF8.Preamble))
                line = line[Encoding.UTF8.Preamble.Length..];
            line = line.Trim(" \t"u8);
            if (_lines.IsTooLong)
                problem = $"a line of more than {LineReader.LineBytesMax} bytes: a names-file holds one name a line";
            else if (line.IsEmpty || line[0] == '#')
                continue;
            else if (line.ContainsAny(" \t,;#"u8))
                problem = "one name a line, and a comment on a line of its own";
            else if (!NamePattern.TryParse(line, out pattern, out problem))
                problem = $"{Quote.Of(Encoding.UTF8.GetString(line))}: {problem}";
            return true;
        }
        return false;
    }

    public void Dispose() => _stream.Dispose();
}
