using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>
/// The server name and ALPN list a session keeps for its log line. Nearly all fit inside the session; longer ones borrow a buffer.
/// </summary>
internal struct HelloText
{
    internal const int BytesMax = SessionRecord.NameBytesMax + SessionRecord.AlpnBytesMax;

    private const int InlineBytes = 46;     // With the two lengths a multiple of 8.

    private InlineText _inline;
    private byte[]? _long;
    private byte _nameLength, _alpnLength;

    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> Name => All[.._nameLength];

    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> AlpnList => All.Slice(_nameLength, _alpnLength);

    [UnscopedRef]
    private readonly ReadOnlySpan<byte> All => _long ?? (ReadOnlySpan<byte>)_inline;

    internal void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> alpnList, BufferPool pool)
    {
        name = name[..Math.Min(name.Length, SessionRecord.NameBytesMax)];
        alpnList = alpnList[..Math.Min(alpnList.Length, SessionRecord.AlpnBytesMax)];
        if (name.Length + alpnList.Length > InlineBytes)
            _long = pool.Borrow();
        Span<byte> target = _long ?? (Span<byte>)_inline;
        name.CopyTo(target);
        alpnList.CopyTo(target[name.Length..]);
        (_nameLength, _alpnLength) = ((byte)name.Length, (byte)alpnList.Length);
    }

    internal void Release(BufferPool pool)
    {
        if (_long is not null)
            pool.Return(_long);
        this = default;
    }

    [InlineArray(InlineBytes)]
    private struct InlineText
    {
        private byte _first;
    }
}
