using System.Buffers;
using System.Globalization;
using System.Text.Unicode;
using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Operations;

/// <summary>
/// Writes the fields of one log line, in either form, into a span that must be large enough. Every field is named once by its writer,
/// which is how both forms come to have the same names.
/// </summary>
internal ref struct LineWriter
{
    private readonly Span<byte> _line;
    private readonly bool _json;

    public LineWriter(Span<byte> line, AccessLogFormat format)
    {
        _line = line;
        _json = format == AccessLogFormat.Json;
    }

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <param name="time">ISO 8601, ASCII.</param>
    public void Begin(scoped ReadOnlySpan<byte> time, ReadOnlySpan<byte> kind)
    {
        Put(_json ? "{\"time\":\""u8 : default);
        Put(time);
        Put(_json ? "\",\"kind\":\""u8 : " "u8);
        Put(kind);
        Put(_json ? "\""u8 : default);
    }

    public void End() => Put(_json ? "}\n"u8 : "\n"u8);

    public void Number(ReadOnlySpan<byte> name, long value)
    {
        Label(name);
        PutNumber(value);
    }

    /// <param name="status">Of an HTTP answer; 0 for none.</param>
    public void Status(ReadOnlySpan<byte> name, int status)
    {
        Label(name);
        if (status == 0)
            PutMissing();
        else
            PutNumber(status);
    }

    /// <param name="micros">Microseconds; negative for none.</param>
    public void Duration(ReadOnlySpan<byte> name, long micros)
    {
        Label(name);
        if (micros < 0)
            PutMissing();
        else if (_json)
            PutDecimal(micros, unit: 1_000, "D3", default);
        else if (micros < 1_000_000)
            PutDecimal(micros / 100, unit: 10, "D1", "ms"u8);
        else
            PutDecimal(micros / 1_000, unit: 1_000, "D3", "s"u8);
    }

    public void Endpoint(ReadOnlySpan<byte> name, IpEndpoint endpoint)
    {
        Label(name);
        if (endpoint.IsNone)
        {
            PutMissing();
            return;
        }
        Put(_json ? "\""u8 : default);
        endpoint.TryFormat(_line[Length..], out int written);
        Length += written;
        Put(_json ? "\""u8 : default);
    }

    /// <summary>Text of the operator's (section names, paths) and of our own: no quotes in text, so a space is escaped too.</summary>
    /// <param name="value">null or `-` for none.</param>
    public void Word(ReadOnlySpan<byte> name, string? value)
    {
        Label(name);
        if (value is null or "-")
        {
            PutMissing();
            return;
        }
        Put(_json ? "\""u8 : default);
        PutUtf8(value, _json ? Escaping.PlainInUtf8Json : Escaping.PlainInWord);
        Put(_json ? "\""u8 : default);
    }

    /// <summary>Untrusted bytes.</summary>
    public void ClientText(ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> text)
    {
        Label(name);
        Put("\""u8);
        PutEscaped(text, Escaping.PlainInQuotes);
        Put("\""u8);
    }

    /// <summary>Untrusted text.</summary>
    /// <param name="text">A byte in each character; one above U+00FF, which is no byte, is written as `?`. null is empty.</param>
    /// <param name="bytesMax">What is longer is cut there, and ends with <see cref="Escaping.CutMark"/>.</param>
    public void ClientText(ReadOnlySpan<byte> name, string? text, int bytesMax)
    {
        Label(name);
        Put("\""u8);
        PutLatin1(text, bytesMax, Escaping.PlainInQuotes);
        Put("\""u8);
    }

    /// <summary>The same without quotes in text. Empty is none there; a lone `-`, which would look like it, is escaped.</summary>
    public void ClientWord(ReadOnlySpan<byte> name, string? text, int bytesMax)
    {
        if (_json && !string.IsNullOrEmpty(text))
        {
            ClientText(name, text, bytesMax);
            return;
        }
        Label(name);
        if (string.IsNullOrEmpty(text))
            PutMissing();
        else if (text == "-")
            Put(@"\x2D"u8);
        else
            PutLatin1(text, bytesMax, Escaping.PlainInWord);
    }

    /// <param name="list">Untrusted bytes in wire form: whole entries, each behind a byte with its length.</param>
    public void AlpnList(ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> list)
    {
        Label(name);
        Put(_json ? "["u8 : "\""u8);
        for (bool first = true; !list.IsEmpty; first = false)
        {
            ReadOnlySpan<byte> entry = list.Slice(1, list[0]);
            list = list[(1 + entry.Length)..];
            Put(first ? default : ","u8);
            Put(_json ? "\""u8 : default);
            PutEscaped(entry, _json ? Escaping.PlainInQuotes : Escaping.PlainInQuotedList);
            Put(_json ? "\""u8 : default);
        }
        Put(_json ? "]"u8 : "\""u8);
    }

    private void Label(ReadOnlySpan<byte> name)
    {
        Put(_json ? ",\""u8 : " "u8);
        Put(name);
        Put(_json ? "\":"u8 : "="u8);
    }

    private void PutMissing() => Put(_json ? "null"u8 : "-"u8);

    private void Put(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_line[Length..]);
        Length += bytes.Length;
    }

    private void PutNumber(long value, ReadOnlySpan<char> format = default)
    {
        value.TryFormat(_line[Length..], out int written, format, CultureInfo.InvariantCulture);
        Length += written;
    }

    private void PutDecimal(long value, long unit, ReadOnlySpan<char> decimals, ReadOnlySpan<byte> unitName)
    {
        PutNumber(value / unit);
        Put("."u8);
        PutNumber(value % unit, decimals);
        Put(unitName);
    }

    private void PutEscaped(scoped ReadOnlySpan<byte> text, SearchValues<byte> plain) =>
        Length += Escaping.Write(text, plain, _json, _line[Length..]);

    private void PutLatin1(ReadOnlySpan<char> text, int bytesMax, SearchValues<byte> plain)
    {
        ReadOnlySpan<char> rest = text[..Math.Min(text.Length, bytesMax)];
        Span<byte> bytes = stackalloc byte[256];
        while (!rest.IsEmpty)
        {
            ReadOnlySpan<char> head = rest[..Math.Min(rest.Length, bytes.Length)];
            PutEscaped(bytes[..Escaping.Latin1.GetBytes(head, bytes)], plain);
            rest = rest[head.Length..];
        }
        Put(text.Length > bytesMax ? Escaping.CutMark : default);
    }

    private void PutUtf8(string value, SearchValues<byte> plain)
    {
        Span<byte> utf8 = stackalloc byte[128];
        for (ReadOnlySpan<char> rest = value; !rest.IsEmpty;)
        {
            Utf8.FromUtf16(rest, utf8, out int charsRead, out int written);
            PutEscaped(utf8[..written], plain);
            rest = rest[charsRead..];
        }
    }
}
