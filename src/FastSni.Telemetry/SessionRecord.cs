using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using FastSni.Wire;

namespace FastSni.Telemetry;

/// <summary>
/// What one ended session leaves behind, as the worker knows it: values and references to things that outlive the session, nothing formatted.
/// A record lives in a <see cref="RecordRing{T}"/> slot and is filled there.
/// </summary>
public struct SessionRecord
{
    /// <summary>The longest server name kept (RFC 1035: 255); the parser refuses longer ones.</summary>
    public const int NameBytesMax = 255;

    /// <summary>The longest ALPN list kept, wire form; the rest is cut at a whole entry.</summary>
    public const int AlpnBytesMax = 128;

    /// <summary>When the session ended, UTC, in <see cref="DateTime.Ticks"/>.</summary>
    public long EndedUtcTicks { get; set; }
    /// <summary>The listener's section name: `https`.</summary>
    public string Listener { get; set; }
    public IpEndpoint Client { get; set; }
    /// <summary>`passthrough:yunohost`, `listen:smtp` for a tcp listener, `reject`, or `-` where none was chosen.</summary>
    public string Route { get; set; }
    /// <summary>The server that was connected or tried last; none if there was none, or it is a unix socket.</summary>
    public IpEndpoint Backend { get; set; }
    /// <summary>`unix:/path` where the server is a unix socket.</summary>
    public string? BackendPath { get; set; }
    /// <summary>Bytes from the client delivered to the backend, and back. The PROXY header is not counted.</summary>
    public long UpBytes { get; set; }
    public long DownBytes { get; set; }
    /// <summary>Microseconds from the first connect attempt to the established one; −1 if no backend was reached.</summary>
    public long ConnectMicros { get; set; }
    /// <summary>Microseconds from accept to the end.</summary>
    public long DurationMicros { get; set; }
    public CloseReason End { get; set; }

    private byte _nameLength, _alpnLength;
    private TextBytes _text;

    /// <summary>The server name as the client sent it: untrusted bytes.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Name => ((ReadOnlySpan<byte>)_text)[.._nameLength];

    /// <summary>The client's ALPN offer in wire form, length-prefixed entries (RFC 7301): untrusted bytes.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> AlpnList => ((ReadOnlySpan<byte>)_text).Slice(_nameLength, _alpnLength);

    public void SetText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> alpnList)
    {
        name = name[..Math.Min(name.Length, NameBytesMax)];
        int alpnBytes = 0;
        while (alpnBytes < alpnList.Length && alpnBytes + 1 + alpnList[alpnBytes] <= Math.Min(alpnList.Length, AlpnBytesMax))
            alpnBytes += 1 + alpnList[alpnBytes];
        name.CopyTo(_text);
        alpnList[..alpnBytes].CopyTo(((Span<byte>)_text)[name.Length..]);
        (_nameLength, _alpnLength) = ((byte)name.Length, (byte)alpnBytes);
    }

    [InlineArray(NameBytesMax + AlpnBytesMax)]
    private struct TextBytes
    {
        private byte _first;
    }
}
