using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace FastSni.Demo;

/// <summary>Reads just enough of a PROXY header (version 1 or 2) to say who the client is. The sender is our own gateway, which always sends one.</summary>
internal static class DemoProxyHeader
{
    private const int V2FixedBytes = 16;

    /// <returns>The client's address and port as text.</returns>
    /// <exception cref="IOException">The connection ended, or did not begin with a header.</exception>
    internal static async Task<string> ReadAsync(Stream stream, CancellationToken stop)
    {
        byte[] start = new byte[V2FixedBytes];
        await stream.ReadExactlyAsync(start.AsMemory(0, V2FixedBytes), stop);
        return start[0] == '\r' ? await ReadV2Async(stream, start, stop) : await ReadV1Async(stream, start, stop);
    }

    private static async Task<string> ReadV2Async(Stream stream, byte[] start, CancellationToken stop)
    {
        byte[] rest = new byte[BinaryPrimitives.ReadUInt16BigEndian(start.AsSpan(14))];
        await stream.ReadExactlyAsync(rest, stop);
        int addressBytes = start[13] >> 4 == 1 ? 4 : 16;
        IPAddress client = new(rest.AsSpan(0, addressBytes));
        return $"{new IPEndPoint(client, BinaryPrimitives.ReadUInt16BigEndian(rest.AsSpan(2 * addressBytes)))} (PROXY v2)";
    }

    private static async Task<string> ReadV1Async(Stream stream, byte[] start, CancellationToken stop)
    {
        StringBuilder line = new(Encoding.ASCII.GetString(start));
        byte[] one = new byte[1];
        while (line[^1] != '\n')
        {
            await stream.ReadExactlyAsync(one, stop);
            line.Append((char)one[0]);
        }
        string[] words = line.ToString().Split(' ');
        return words is ["PROXY", "TCP4" or "TCP6", var client, _, var port, _] ? $"{new IPEndPoint(IPAddress.Parse(client), int.Parse(port, System.Globalization.CultureInfo.InvariantCulture))} (PROXY v1)"
            : throw new IOException("no PROXY header");
    }
}
