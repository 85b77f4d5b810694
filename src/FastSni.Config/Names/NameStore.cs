using System.Buffers.Binary;
using System.Text;

namespace FastSni.Config.Names;

/// <summary>
/// Every claimed name of a snapshot, once, packed as `[section: 2 bytes][length: 1 byte][name]` into pages. A million names are
/// then a few hundred objects without references, which cost the garbage collector nothing. Tables point into it by offset.
/// </summary>
internal sealed class NameStore
{
    public const int SectionsMax = ushort.MaxValue + 1;

    /// <summary>Keeps every offset below 2^32, however long the names are.</summary>
    public const int NamesMax = 10_000_000;

    // Above 85,000 bytes the collector never copies an array. An entry does not straddle pages; zeros fill the rest of one.
    private const int PageBits = 17;
    private const int PageBytes = 1 << PageBits;
    private const int HeaderBytes = 3;
    private const uint FirstEntry = 1;

    private readonly List<byte[]> _pages = [];

    public int Count { get; private set; }

    /// <summary>Above every entry's offset. 0 is no entry's offset.</summary>
    public uint End { get; private set; } = FirstEntry;

    /// <summary>One entry, or two for `.example.org`.</summary>
    public void Append(int section, NamePattern pattern)
    {
        if (!pattern.Exact.IsEmpty)
            Append(section, pattern.Exact);
        if (!pattern.Suffix.IsEmpty)
            Append(section, pattern.Suffix);
    }

    /// <summary>All entries, in the order they were appended.</summary>
    public IEnumerable<uint> Entries
    {
        get
        {
            uint entry = FirstEntry;
            for (int i = 0; i < Count; i++, entry = Next(entry))
                yield return entry;
        }
    }

    public int SectionOf(uint entry) => BinaryPrimitives.ReadUInt16LittleEndian(At(entry));

    public ReadOnlySpan<byte> NameOf(uint entry)
    {
        ReadOnlySpan<byte> bytes = At(entry);
        return bytes.Slice(HeaderBytes, bytes[2]);
    }

    /// <summary>As an operator writes it: `mail.example.org` or `*.example.org`.</summary>
    public string PatternOf(uint entry)
    {
        string name = Encoding.ASCII.GetString(NameOf(entry));
        return name.StartsWith('.') ? "*" + name : name;
    }

    /// <param name="name">Canonical, at most 255 bytes; a suffix with its leading dot.</param>
    private void Append(int section, ReadOnlySpan<byte> name)
    {
        int bytes = HeaderBytes + name.Length;
        if (PageBytes - Within(End) < bytes)
            End = (uint)_pages.Count << PageBits;
        if (End >> PageBits == _pages.Count)
            _pages.Add(new byte[PageBytes]);

        Span<byte> target = At(End);
        BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)section);
        target[2] = (byte)name.Length;
        name.CopyTo(target[HeaderBytes..]);
        End += (uint)bytes;
        Count++;
    }

    /// <summary>The entry appended behind this one.</summary>
    private uint Next(uint entry)
    {
        uint next = entry + HeaderBytes + At(entry)[2];
        bool isPadding = Within(next) > PageBytes - HeaderBytes || (Within(next) > 0 && At(next)[2] == 0);
        return isPadding ? ((next >> PageBits) + 1) << PageBits : next;
    }

    private Span<byte> At(uint offset) => _pages[(int)(offset >> PageBits)].AsSpan(Within(offset));

    private static int Within(uint offset) => (int)(offset & (PageBytes - 1));
}
