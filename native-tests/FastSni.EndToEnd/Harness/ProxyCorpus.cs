using System.Net;
using System.Text.Json;

namespace FastSni.EndToEnd.Harness;

/// <summary>One public test vector: the first bytes of a connection, and what may be made of them.</summary>
/// <param name="Verdicts">Of ok, local, reject and incomplete those that are allowed; the expected one first.</param>
/// <param name="Source">null where the header names nobody, or is none.</param>
/// <param name="HeaderBytes">0 where the vector expects no header to be read.</param>
internal sealed record ProxyRow(string Id, byte[] Bytes, string[] Verdicts, IPEndPoint? Source, IPEndPoint? Destination, int HeaderBytes)
{
    public static IReadOnlyList<ProxyRow> All { get; } =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "corpus", "proxyproto.jsonl")).Where(line => line.Length > 0).Select(Parse)];

    public bool MayBeTaken => Allows("ok") || Allows("local");

    public bool MayBeRefused => Allows("reject") || Allows("incomplete");

    public byte[] Header => Bytes[..HeaderBytes];

    public bool Allows(string verdict) => Verdicts.Contains(verdict);

    private static ProxyRow Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement row = document.RootElement;
        return new(
            row.GetProperty("id").GetString()!,
            Convert.FromHexString(row.GetProperty("hex").GetString()!),
            [row.GetProperty("expect").GetString()!, .. row.TryGetProperty("alt", out JsonElement more) ? more.EnumerateArray().Select(one => one.GetString()!) : []],
            EndPoint(row, "src", "sport"),
            EndPoint(row, "dst", "dport"),
            row.TryGetProperty("header_len", out JsonElement length) ? length.GetInt32() : 0);
    }

    // The gateway, and all that it tells, knows a v4-mapped address as the IPv4 address it is.
    private static IPEndPoint? EndPoint(JsonElement row, string address, string port)
    {
        if (row.GetProperty(address).GetString() is not { } text)
            return null;
        IPAddress parsed = IPAddress.Parse(text);
        return new(parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed, row.GetProperty(port).GetInt32());
    }
}
