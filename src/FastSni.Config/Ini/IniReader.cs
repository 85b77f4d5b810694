using System.Text;
using System.Text.Unicode;
using FastSni.Config.Schema;
using Microsoft.Extensions.Configuration;

namespace FastSni.Config.Ini;

/// <summary>
/// Reads one INI file twice from the same bytes: first line by line, which finds mistakes and remembers where each key stands,
/// then with Microsoft.Extensions.Configuration.Ini, from which the values come. A line found wrong is blanked in between,
/// so that everything else in the file is still checked.
/// </summary>
internal sealed class IniReader(IniTree tree, Findings findings)
{
    public const int FileBytesMax = 16 << 20;

    private readonly List<Pending> _pending = [];
    private string? _header;        // null above the first section
    private IniSection? _section;   // null under a header that has been refused

    /// <summary>A key whose value the provider will give.</summary>
    private sealed record Pending(IniSection Section, Key Key, string Written, string Path, Place Place);

    /// <returns>False where nothing of the file could be read.</returns>
    public bool Read(string file)
    {
        findings.Open(file);
        if (ReadBytes(file) is not { } bytes)
            return false;
        (_header, _section) = (null, null);
        ReadLines(file, bytes);
        TakeValues(bytes);
        return true;
    }

    private byte[]? ReadBytes(string file)
    {
        try
        {
            using FileStream stream = InputFile.Open(file);
            MemoryStream content = new();
            byte[] chunk = new byte[32 * 1024];
            for (int read; content.Length <= FileBytesMax && (read = stream.Read(chunk)) > 0;)
                content.Write(chunk, 0, read);
            byte[] bytes = content.ToArray();
            if (bytes.Length > FileBytesMax)
                findings.Error(new Place(file, 0), $"the file is larger than {FileBytesMax >> 20} MiB; large tables of names belong in a names-file");
            else if (bytes.AsSpan().IndexOf((byte)0) is >= 0 and int at)
                findings.Error(new Place(file, 1 + bytes.AsSpan(0, at).Count((byte)'\n')), "a NUL byte: this is not a text file in UTF-8");
            else
                return bytes;
        }
        catch (Exception exception) when (InputFile.IsExpected(exception))
        {
            findings.Error(new Place(file, 0), InputFile.Describe(exception, file));
        }
        return null;
    }

    private void ReadLines(string file, Span<byte> bytes)
    {
        Span<byte> rest = bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        for (int number = 1; !rest.IsEmpty; number++)
        {
            int end = rest.IndexOf((byte)'\n');
            Span<byte> line = end < 0 ? rest : rest[..end];
            if (!Accept(line.EndsWith("\r"u8) ? line[..^1] : line, new Place(file, number)))
                line.Fill((byte)' ');
            if (end < 0)
                findings.Warn(new Place(file, number), _section?.Title ?? "", "", "the file does not end with a newline: has it been cut short?");
            rest = end < 0 ? [] : rest[(end + 1)..];
        }
    }

    /// <returns>False where the provider must not see the line.</returns>
    private bool Accept(ReadOnlySpan<byte> bytes, Place place)
    {
        if (!Utf8.IsValid(bytes))
            return Refuse(place, "", "this line is not valid UTF-8: save the file as UTF-8");
        string text = Encoding.UTF8.GetString(bytes);
        // U+0080 to U+009F too: a terminal may obey them, and what is refused is printed.
        if (text.AsSpan().ContainsAnyInRange('\u0000', '\u0008') || text.AsSpan().ContainsAnyInRange('\u000A', '\u001F')
            || text.AsSpan().ContainsAnyInRange('\u007F', '\u009F'))
            return Refuse(place, "", "a control character in this line: remove it");

        IniLine line = IniLine.Parse(text);
        if (line.Kind == IniLineKind.Header)
            return Enter(line, place);
        if (line.Problem is not null)
            return Refuse(place, line.Text, line.Problem);
        return line.Kind == IniLineKind.Blank || AcceptKey(line.Text, place);
    }

    private bool AcceptKey(string written, Place place)
    {
        if (_header is null)
            return Refuse(place, written, "this key stands before the first section: write [gateway] above it");
        if (_section is null)
            return false;   // Its header has been refused; more errors about what it holds would hide that one.
        if (_section.Kind.Find(written) is not { } key)
            return Refuse(place, written, $"unknown key{Spelling.Suggest(written, _section.Kind.Keys.Select(known => known.Name))}");
        if (_section.Find(written) is { } first)
            return Refuse(place, written, $"given twice: first at {first.Place}; keep one of them");

        _section.Set(new IniEntry(key, written, "", place));
        _pending.Add(new Pending(_section, key, written, $"{_header}:{written}", place));
        return true;
    }

    private bool Enter(IniLine header, Place place)
    {
        (_header, _section) = (header.Text, null);
        if (header.Problem is not null)
            return Refuse(place, "", header.Problem);
        if (SectionKinds.Parse(header.Text, out SectionKind? kind, out string name) is { } problem)
        {
            findings.Error(place, header.Text, "", problem);
            return false;
        }

        IniSection section = new(kind!, name, place);
        if (tree.Find(section.Title) is not { } first)
            tree.Add(section);
        else if (!section.Kind.Named)
            section = first;
        else
        {
            findings.Error(section, $"this section is written twice: first at {first.Place}; give one of them another name, or merge them");
            return false;
        }
        _section = section;
        return true;
    }

    private bool Refuse(Place place, string key, string sentence)
    {
        findings.Error(place, _section?.Title ?? "", key, sentence);
        return false;
    }

    private void TakeValues(byte[] bytes)
    {
        IConfigurationRoot values = new ConfigurationBuilder().AddIniStream(new MemoryStream(bytes)).Build();
        foreach (Pending pending in _pending)
            pending.Section.Set(new IniEntry(pending.Key, pending.Written, values[pending.Path] ?? "", pending.Place));
        _pending.Clear();
    }
}
