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

    private const int InlineBytes = 38;     // With the two lengths a multiple of 8.

    /// <summary>A length that stands for <see cref="Usual"/>.</summary>
    private const byte IsUsual = byte.MaxValue;

    private InlineText _inline;
    private byte[]? _long;
    private byte _nameLength, _alpnLength;

    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> Name => All[.._nameLength];

    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> AlpnList => _alpnLength == IsUsual ? Usual : All.Slice(_nameLength, _alpnLength);

    /// <summary>What browsers offer; not kept with every session.</summary>
    private static ReadOnlySpan<byte> Usual => "\x02h2\x08http/1.1"u8;

    [UnscopedRef]
    private readonly ReadOnlySpan<byte> All => _long ?? (ReadOnlySpan<byte>)_inline;

    internal void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> alpnList, BufferPool pool)
    {
        name = name[..Math.Min(name.Length, SessionRecord.NameBytesMax)];
        alpnList = alpnList[..Math.Min(alpnList.Length, SessionRecord.AlpnBytesMax)];
        bool isUsual = alpnList.SequenceEqual(Usual);
        if (isUsual)
            alpnList = default;
        if (name.Length + alpnList.Length > InlineBytes)
            _long = pool.Borrow();
        Span<byte> target = _long ?? (Span<byte>)_inline;
        name.CopyTo(target);
        alpnList.CopyTo(target[name.Length..]);
        (_nameLength, _alpnLength) = ((byte)name.Length, isUsual ? IsUsual : (byte)alpnList.Length);
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
