using System.Net;
using System.Text;
using FastSni.Config.Names;

namespace FastSni.Config;

/// <summary>A host name as an operator writes it, brought to the one form that is compared: ASCII, lower case, no trailing dot.</summary>
public static class HostName
{
    /// <summary>RFC 1035: 255 bytes on the wire, which is 253 characters.</summary>
    public const int BytesMax = 253;
    public const int LabelBytesMax = 63;

    /// <summary>The lower-case form of every byte a name may hold, 0 for all others. Underscores are no host name's, yet found in DNS.</summary>
    private static readonly byte[] LowerCase = CreateLowerCase();

    /// <param name="text">`mail.example.org`, `MAIL.example.org.` or `bücher.example`; no pattern.</param>
    /// <param name="name">The A-label form, such as `xn--bcher-kva.example`.</param>
    /// <param name="problem">What is wrong and what would be right; empty where nothing is.</param>
    public static bool TryParse(string text, out string name, out string problem)
    {
        name = "";
        if (!International.TryToAscii(text, out string ascii, out problem))
            return false;
        byte[] bytes = Encoding.ASCII.GetBytes(ascii);
        if (!TryNormalise(bytes, out int length, out problem))
            return false;
        name = Encoding.ASCII.GetString(bytes, 0, length);
        return true;
    }

    /// <summary>Checks a name in ASCII and lowers it in place.</summary>
    /// <param name="length">Without the trailing dot.</param>
    internal static bool TryNormalise(Span<byte> name, out int length, out string problem)
    {
        length = name.Length > 0 && name[^1] == '.' ? name.Length - 1 : name.Length;
        name = name[..length];
        int labelStart = 0;
        for (int i = 0; i < name.Length; i++)
        {
            byte lower = LowerCase[name[i]];
            if (lower == 0)
                return Fail(Describe(name, i), out problem);
            if (lower == '.')
            {
                if (i - labelStart is 0 or > LabelBytesMax)
                    return Fail(DescribeLabel(i - labelStart), out problem);
                labelStart = i + 1;
            }
            name[i] = lower;
        }
        if (name.Length - labelStart is 0 or > LabelBytesMax)
            return Fail(DescribeLabel(name.Length - labelStart), out problem);
        if (name.Length > BytesMax)
            return Fail($"the name is longer than {BytesMax} bytes", out problem);
        if (!name[labelStart..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return Fail("a name that ends in a number is an address, and clients never send an address as server name", out problem);
        problem = "";
        return true;

        static bool Fail(string sentence, out string problem)
        {
            problem = sentence;
            return false;
        }
    }

    private static string DescribeLabel(int bytes) => bytes == 0
        ? "an empty label: something is missing before, after or between the dots"
        : $"a label of {bytes} bytes: at most {LabelBytesMax} may stand between two dots";

    private static string Describe(ReadOnlySpan<byte> name, int at) => name[at] switch
    {
        (byte)' ' or (byte)'\t' => "a name holds no blanks",
        (byte)'*' => "* stands alone before the first dot, as in *.example.org",
        (byte)'/' => "the name alone is needed, without https:// and without a path",
        (byte)':' or (byte)'[' when IPAddress.TryParse(Encoding.ASCII.GetString(name), out _) =>
            "this is an address, and clients never send an address as server name",
        (byte)':' => "a name has no port",
        byte other => $"{(other is > 0x20 and < 0x7F ? $"the character {(char)other}" : $"the byte 0x{other:X2}")} is not part of any host name",
    };

    private static byte[] CreateLowerCase()
    {
        byte[] table = new byte[256];
        foreach (byte allowed in "abcdefghijklmnopqrstuvwxyz0123456789-_."u8)
            table[allowed] = allowed;
        for (int upper = 'A'; upper <= 'Z'; upper++)
            table[upper] = (byte)(upper + 'a' - 'A');
        return table;
    }
}
