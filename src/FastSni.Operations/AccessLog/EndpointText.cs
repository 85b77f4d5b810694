using System.Buffers.Binary;
using System.Globalization;
using FastSni.Wire;

namespace FastSni.Operations;

/// <summary>`192.0.2.1:443` or `[2001:db8::7]:443` as ASCII, without the IPAddress that <see cref="IpEndpoint.ToString"/> allocates.</summary>
internal static class EndpointText
{
    /// <summary>`[`, eight groups of four digits with seven colons, `]:65535`.</summary>
    public const int BytesMax = 1 + 39 + 7;

    /// <param name="endpoint">Not none.</param>
    /// <param name="target">At least <see cref="BytesMax"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    public static int Write(IpEndpoint endpoint, Span<byte> target)
    {
        Span<byte> address = stackalloc byte[16];
        address = address[..endpoint.CopyAddress(address)];
        int length = endpoint.IsV4 ? WriteV4(address, target) : WriteV6(address, target);
        target[length++] = (byte)':';
        return length + WriteNumber(endpoint.Port, default, target[length..]);
    }

    private static int WriteV4(ReadOnlySpan<byte> address, Span<byte> target)
    {
        int length = WriteNumber(address[0], default, target);
        foreach (byte part in address[1..])
        {
            target[length++] = (byte)'.';
            length += WriteNumber(part, default, target[length..]);
        }
        return length;
    }

    /// <summary>RFC 5952 section 4: lower-case groups without leading zeros, the first of the longest runs of zero groups as `::`.</summary>
    private static int WriteV6(ReadOnlySpan<byte> address, Span<byte> target)
    {
        (int runStart, int runEnd) = LongestZeroRun(address);
        int length = 0;
        target[length++] = (byte)'[';
        for (int group = 0; group < 8; group++)
        {
            if (group == runStart)
            {
                "::"u8.CopyTo(target[length..]);
                length += 2;
                group = runEnd - 1;
                continue;
            }
            if (group > 0 && group != runEnd)
                target[length++] = (byte)':';
            length += WriteNumber(Group(address, group), "x", target[length..]);
        }
        target[length++] = (byte)']';
        return length;
    }

    /// <summary>First group and the one behind the last; −1 if no two zero groups stand together.</summary>
    private static (int Start, int End) LongestZeroRun(ReadOnlySpan<byte> address)
    {
        (int Start, int End) longest = (-1, -1);
        for (int start = 0; start < 8; start++)
        {
            int end = start;
            while (end < 8 && Group(address, end) == 0)
                end++;
            if (end - start >= 2 && end - start > longest.End - longest.Start)
                longest = (start, end);
        }
        return longest;
    }

    private static ushort Group(ReadOnlySpan<byte> address, int group) => BinaryPrimitives.ReadUInt16BigEndian(address[(2 * group)..]);

    private static int WriteNumber(ushort value, ReadOnlySpan<char> format, Span<byte> target)
    {
        value.TryFormat(target, out int written, format, CultureInfo.InvariantCulture);
        return written;
    }
}
