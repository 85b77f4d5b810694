namespace FastSni.Wire;

/// <summary>
/// IP addresses as text without allocating; IPAddress can only do it for an address that is an object already.
/// IPv6 is written as RFC 5952 4 says, always in eight groups of hexadecimal digits: mixed notation for embedded IPv4 (section 5) would make
/// an ISATAP address longer than a version 1 PROXY line has room for, and v4-mapped addresses never come here as IPv6.
/// </summary>
internal static partial class IpText
{
    internal const int V6BytesMax = 8 * 4 + 7;

    private const int Groups = 8;
    private const int GroupBits = 16;
    private const int GroupsInHalf = Groups / 2;

    internal static void WriteV4(ref ByteWriter writer, uint address)
    {
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            writer.WriteDecimal((byte)(address >> shift));
            if (shift > 0)
                writer.WriteByte((byte)'.');
        }
    }

    /// <param name="high">The first 8 bytes, big-endian.</param>
    /// <param name="low">The last 8 bytes, big-endian.</param>
    internal static void WriteV6(ref ByteWriter writer, ulong high, ulong low)
    {
        (int start, int end) = LongestZeroRun(high, low);
        WriteGroups(ref writer, high, low, 0, start);
        if (start < Groups)
            writer.Write("::"u8);
        WriteGroups(ref writer, high, low, end, Groups);
    }

    private static void WriteGroups(ref ByteWriter writer, ulong high, ulong low, int start, int end)
    {
        for (int group = start; group < end; group++)
        {
            if (group > start)
                writer.WriteByte((byte)':');
            writer.WriteHex(GroupOf(high, low, group));
        }
    }

    /// <summary>The first of the longest runs of two zero groups or more (RFC 5952 4.2), as [start, end); none: [8, 8).</summary>
    private static (int Start, int End) LongestZeroRun(ulong high, ulong low)
    {
        (int Start, int End) longest = (Groups, Groups);
        int longestLength = 1;      // A single zero group is not shortened (RFC 5952 4.2.2).
        int start = 0;
        for (int group = 0; group < Groups; group++)
        {
            if (GroupOf(high, low, group) != 0)
            {
                start = group + 1;
            }
            else if (group + 1 - start > longestLength)
            {
                longest = (start, group + 1);
                longestLength = group + 1 - start;
            }
        }
        return longest;
    }

    private static ushort GroupOf(ulong high, ulong low, int group)
    {
        ulong half = group < GroupsInHalf ? high : low;
        return (ushort)(half >> (GroupsInHalf - 1 - group % GroupsInHalf) * GroupBits);
    }
}
