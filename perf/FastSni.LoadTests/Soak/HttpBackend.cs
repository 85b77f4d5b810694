using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FastSni.LoadTests.Staging;

namespace FastSni.LoadTests.Soak;

/// <summary>
/// The HTTP/1.1 server behind offload sections and port 80. GET /bytes/N/TAG answers with the pattern, POST /echo with what came. It checks that the
/// gateway tells of the client it was sent by.
/// </summary>
internal sealed class HttpBackend(Ledger ledger) : LoopbackServer
{
    public const string SourceHeader = "X-Soak-Source";
    private const int HeadBytesMax = 32_768;

    protected override async Task ServeAsync(Socket client)
    {
        using BufferedStream stream = new(new NetworkStream(client));
        while (await ReadHeadAsync(stream) is string[] head)
        {
            string[] request = head[0].Split(' ');
            if (Field(head, SourceHeader) is string source && Field(head, "X-Real-IP") != source)
                ledger.NotExpected($"a request of {source} was told to be of {Field(head, "X-Real-IP")}");
            byte[] body = new byte[long.Parse(Field(head, "Content-Length") ?? "0", CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(body);
            if (request[1].Split('/') is [_, "bytes", string count, string tag])
            {
                body = new byte[int.Parse(count, CultureInfo.InvariantCulture)];
                new Pattern(Guid.Parse(tag)).Fill(0, body);
            }
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {body.Length}\r\n\r\n"));
            await stream.WriteAsync(body);
            await stream.FlushAsync();
        }
    }

    private static async Task<string[]?> ReadHeadAsync(Stream stream)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (head.Length < HeadBytesMax)
        {
            if (await stream.ReadAsync(one) == 0)
                return null;
            head.Append((char)one[0]);
            if (one[0] == '\n' && head.ToString(Math.Max(0, head.Length - 4), Math.Min(4, head.Length)) == "\r\n\r\n")
                return head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        }
        return null;
    }

    private static string? Field(string[] head, string name) => head.Skip(1)
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}
