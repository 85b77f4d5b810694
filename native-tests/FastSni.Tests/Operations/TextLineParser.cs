using System.Globalization;
using Xunit;

namespace FastSni.Tests.Operations;

/// <summary>Reads a text line back, and fails on anything the form doesn't allow.</summary>
internal sealed class TextLineParser
{
    private readonly byte[] _line;
    private int _position;

    private TextLineParser(byte[] line) => _line = line;

    public Dictionary<string, byte[]> Fields { get; } = [];

    /// <summary>Of fields in quotes: the text between commas, before unescaping commas within an entry.</summary>
    public Dictionary<string, List<byte[]>> Lists { get; } = [];

    /// <summary>The fields that end with the mark of a cut.</summary>
    public HashSet<string> CutFields { get; } = [];

    public static TextLineParser Parse(byte[] line)
    {
        TextLineParser parser = new(line);
        Assert.Equal((byte)'\n', line[^1]);
        Assert.All(line[..^1], b => Assert.InRange(b, (byte)' ', (byte)'~'));
        parser.Fields["time"] = parser.Until(' ');
        parser.Fields["kind"] = parser.Until(' ');
        while (parser._position < line.Length)
            parser.ReadField();
        return parser;
    }

    private void ReadField()
    {
        string name = System.Text.Encoding.ASCII.GetString(Until('='));
        Assert.Matches("^[a-z]+$", name);
        bool quoted = _line[_position] == '"';
        if (quoted)
            _position++;
        List<byte> value = [], entry = [];
        List<byte[]> entries = [];
        while (!IsEnd(quoted))
        {
            if (IsCutMark())
            {
                _position += CutMark.Length;
                CutFields.Add(name);
                Assert.True(IsEnd(quoted), "text behind the mark of a cut");
                break;
            }
            bool separator = quoted && _line[_position] == ',';
            byte b = ReadByte();
            value.Add(b);
            if (!separator)
                entry.Add(b);
            else
            {
                entries.Add([.. entry]);
                entry.Clear();
            }
        }
        if (value.Count > 0)
            entries.Add([.. entry]);
        _position += quoted ? 1 : 0;
        Assert.Contains((char)_line[_position], " \n");
        _position++;
        Fields.Add(name, [.. value]);
        Lists.Add(name, entries);
    }

    private static ReadOnlySpan<byte> CutMark => @"\u2026"u8;

    private bool IsCutMark() => _line.AsSpan(_position).StartsWith(CutMark);

    private bool IsEnd(bool quoted) => quoted ? _line[_position] == '"' : _line[_position] is (byte)' ' or (byte)'\n';

    private byte ReadByte()
    {
        byte b = _line[_position++];
        if (b != '\\')
            return b;
        byte kind = _line[_position++];
        if (kind is (byte)'"' or (byte)'\\')
            return kind;
        Assert.Equal((byte)'x', kind);
        _position += 2;
        return byte.Parse(_line.AsSpan(_position - 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    private byte[] Until(char end)
    {
        int start = _position;
        _position = Array.IndexOf(_line, (byte)end, start) + 1;
        Assert.NotEqual(0, _position);
        return _line[start..(_position - 1)];
    }
}
