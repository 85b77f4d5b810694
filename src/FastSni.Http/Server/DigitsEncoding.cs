using System.Text;

namespace FastSni.Http;

/// <summary>
/// How Kestrel is made to read a Content-Length strictly (RFC 9110 8.6: digits alone). Its own reading takes `+5` and ` 5`, and hides from us what was
/// written; here everything but a digit becomes a character that no number has, and a number too long for its buffer is cut to one too long for a length.
/// </summary>
internal sealed class DigitsEncoding : Encoding
{
    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        int count = Math.Min(bytes.Length, chars.Length);
        for (int i = 0; i < count; i++)
            chars[i] = char.IsAsciiDigit((char)bytes[i]) ? (char)bytes[i] : '?';
        return count;
    }

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    public override int GetCharCount(byte[] bytes, int index, int count) => count;

    public override int GetMaxCharCount(int byteCount) => byteCount;

    public override int GetByteCount(char[] chars, int index, int count) => count;

    public override int GetMaxByteCount(int charCount) => charCount;

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);
}
