namespace FastSni.Wire;

/// <summary>
/// Enumerates the protocol names of <see cref="ClientHello.AlpnList"/> without allocating:
/// <c>foreach (ReadOnlySpan&lt;byte&gt; name in AlpnNames.Of(hello.AlpnList))</c>. Names are opaque bytes, 0 to 255 of them
/// (RFC 7301 3.1 forbids empty ones, but they are not refused); a list that is cut short ends the enumeration.
/// </summary>
public ref struct AlpnNames
{
    private ByteReader _reader;

    private AlpnNames(ReadOnlySpan<byte> list) => _reader = new ByteReader(list);

    public ReadOnlySpan<byte> Current { get; private set; }

    /// <param name="list">Names behind a length byte each, without the list's own length.</param>
    public static AlpnNames Of(ReadOnlySpan<byte> list) => new(list);

    public readonly AlpnNames GetEnumerator() => this;

    public bool MoveNext()
    {
        bool found = _reader.TryReadVector(1, out ReadOnlySpan<byte> name);
        Current = name;
        return found;
    }
}
