using System.Text;
using System.Text.Json;

namespace FastSni.EndToEnd.Harness;

/// <summary>A raw request, or what pretends to be one.</summary>
internal sealed record HttpRow(string Id, byte[] Bytes);

/// <summary>Requests that have split HTTP proxies: the public ones and some of our own.</summary>
internal static class HttpCorpus
{
    private const string Host = "Host: a\r\n", Chunk = "1\r\nZ\r\n0\r\n\r\n", Smuggled = "GET /evil HTTP/1.1\r\nHost: a\r\n\r\n";

    public static IReadOnlyList<HttpRow> All { get; } = [.. ReadPublic(), .. Own()];

    private static IEnumerable<HttpRow> ReadPublic()
    {
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "corpus", "http1.jsonl")))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            Assert.Equal("400-or-single", row.RootElement.GetProperty("expect").GetString());
            yield return new(row.RootElement.GetProperty("id").GetString()!, Convert.FromHexString(row.RootElement.GetProperty("hex").GetString()!));
        }
    }

    private static IEnumerable<HttpRow> Own() => FramingRows().Concat(HeadRows()).Concat(ChunkRows()).Select(row => new HttpRow(row.Id, Encoding.Latin1.GetBytes(row.Text)));

    private static IEnumerable<(string Id, string Text)> FramingRows() =>
    [
        ("plain-get", "GET /x?y=1 HTTP/1.1\r\n" + Host + "\r\n"),
        ("plain-post", "POST /x HTTP/1.1\r\n" + Host + "Content-Length: 5\r\n\r\nhello"),
        ("plain-chunked", "POST /x HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        ("pipelined", "GET /1 HTTP/1.1\r\n" + Host + "\r\nPOST /2 HTTP/1.1\r\n" + Host + "Content-Length: 2\r\n\r\nab" + "GET /3 HTTP/1.1\r\n" + Host + "\r\n"),
        ("bare-lf-line", "GET / HTTP/1.1\n" + Host + "\r\n"),
        ("bare-lf-header", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"),
        ("bare-lf-end", "GET / HTTP/1.1\r\n" + Host + "\n"),
        ("bare-lf-hides-length", "POST / HTTP/1.1\r\n" + Host + "X: y\nContent-Length: 34\r\n\r\n" + Smuggled),
        ("bare-cr-hides-header", "GET / HTTP/1.1\r\n" + Host + "X: y\rContent-Length: 34\r\n\r\n" + Smuggled),
        ("length-plus", "POST / HTTP/1.1\r\n" + Host + "Content-Length: +5\r\n\r\nhello"),
        ("length-list", "POST / HTTP/1.1\r\n" + Host + "Content-Length: 5, 5\r\n\r\nhello"),
        ("length-twice-same", "POST / HTTP/1.1\r\n" + Host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
        ("length-twice-other", "POST / HTTP/1.1\r\n" + Host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
        ("length-space", "POST / HTTP/1.1\r\n" + Host + "Content-Length: 1 5\r\n\r\nhello"),
        ("length-tab-name", "POST / HTTP/1.1\r\n" + Host + "Content-Length\t: 5\r\n\r\nhello"),
        ("length-huge", "POST / HTTP/1.1\r\n" + Host + "Content-Length: 99999999999999999999\r\n\r\nhello"),
        ("length-exponent", "POST / HTTP/1.1\r\n" + Host + "Content-Length: 1e1\r\n\r\n0123456789"),
        ("coding-gzip-chunked", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: gzip, chunked\r\n\r\n" + Chunk),
        ("coding-chunked-gzip", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked, gzip\r\n\r\n" + Chunk),
        ("coding-comma-chunked", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: , chunked\r\n\r\n" + Chunk),
        ("coding-chunked-chunked", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked, chunked\r\n\r\n" + Chunk),
        ("coding-identity", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello"),
        ("coding-quoted", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: \"chunked\"\r\n\r\n" + Chunk),
        ("coding-xchunked", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: xchunked\r\n\r\n" + Chunk),
        ("coding-parameter", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked;a=b\r\n\r\n" + Chunk),
        ("coding-vertical-tab", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: \vchunked\r\n\r\n" + Chunk),
        ("coding-capitals", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: CHUNKED\r\n\r\n" + Chunk),
        ("coding-empty-and-length", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding:\r\nContent-Length: 5\r\n\r\nhello"),
        ("length-and-coding", "POST / HTTP/1.1\r\n" + Host + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX"),
        ("coding-and-length", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\nContent-Length: 39\r\n\r\n0\r\n\r\n" + Smuggled),
        ("coding-space-colon", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding : chunked\r\n\r\n" + Chunk),
        ("coding-underscore", "POST / HTTP/1.1\r\n" + Host + "Transfer_Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
        ("length-underscore", "POST / HTTP/1.1\r\n" + Host + "Content_Length: 34\r\n\r\n" + Smuggled),
        ("coding-http10", "POST / HTTP/1.0\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n" + Chunk),
        ("coding-http10-kept", "POST / HTTP/1.0\r\n" + Host + "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" + Chunk),
        ("coding-named-in-connection", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\nConnection: Transfer-Encoding\r\n\r\n" + Chunk),
        ("length-named-in-connection", "POST / HTTP/1.1\r\n" + Host + "Content-Length: 34\r\nConnection: Content-Length\r\n\r\n" + Smuggled),
        ("host-named-in-connection", "GET / HTTP/1.1\r\n" + Host + "Connection: Host\r\n\r\n"),
    ];

    private static IEnumerable<(string Id, string Text)> HeadRows() =>
    [
        ("connect", "CONNECT a:443 HTTP/1.1\r\n" + Host + "\r\n"),
        ("connect-lower-case", "connect a:443 HTTP/1.1\r\n" + Host + "\r\n"),
        ("trace", "TRACE / HTTP/1.1\r\n" + Host + "\r\n"),
        ("absolute-foreign", "GET http://evil.test/x HTTP/1.1\r\n" + Host + "\r\n"),
        ("absolute-userinfo", "GET http://a@evil.test/x HTTP/1.1\r\n" + Host + "\r\n"),
        ("target-fragment", "GET /admin#x HTTP/1.1\r\n" + Host + "\r\n"),
        ("target-space", "GET /a b HTTP/1.1\r\n" + Host + "\r\n"),
        ("target-tab", "GET /a\tb HTTP/1.1\r\n" + Host + "\r\n"),
        ("target-high-byte", "GET /\xE4 HTTP/1.1\r\n" + Host + "\r\n"),
        ("target-nul", "GET /\0 HTTP/1.1\r\n" + Host + "\r\n"),
        ("target-no-slash", "GET x HTTP/1.1\r\n" + Host + "\r\n"),
        ("target-asterisk", "GET * HTTP/1.1\r\n" + Host + "\r\n"),
        ("options-asterisk", "OPTIONS * HTTP/1.1\r\n" + Host + "\r\n"),
        ("target-escaped-line", "GET /%0d%0aX:%20y HTTP/1.1\r\n" + Host + "\r\n"),
        ("line-two-spaces", "GET  / HTTP/1.1\r\n" + Host + "\r\n"),
        ("line-tab", "GET\t/ HTTP/1.1\r\n" + Host + "\r\n"),
        ("line-trailing-space", "GET / HTTP/1.1 \r\n" + Host + "\r\n"),
        ("line-leading-space", " GET / HTTP/1.1\r\n" + Host + "\r\n"),
        ("line-blank-before", "\r\n\r\nGET / HTTP/1.1\r\n" + Host + "\r\n"),
        ("version-lower-case", "GET / http/1.1\r\n" + Host + "\r\n"),
        ("version-2", "GET / HTTP/2.0\r\n" + Host + "\r\n"),
        ("version-12", "GET / HTTP/1.2\r\n" + Host + "\r\n"),
        ("http10-no-host", "GET / HTTP/1.0\r\n\r\n"),
        ("http10-host", "GET / HTTP/1.0\r\n" + Host + "\r\n"),
        ("http10-keep-alive", "GET / HTTP/1.0\r\n" + Host + "Connection: keep-alive\r\n\r\n"),
        ("http09", "GET /\r\n"),
        ("header-nul", "GET / HTTP/1.1\r\n" + Host + "X: a\0b\r\n\r\n"),
        ("header-escape", "GET / HTTP/1.1\r\n" + Host + "X: a\x1B[2Jb\r\n\r\n"),
        ("header-high-bytes", "GET / HTTP/1.1\r\n" + Host + "X: \xE4\xFF\x85\r\n\r\n"),
        ("header-empty-name", "GET / HTTP/1.1\r\n" + Host + ": x\r\n\r\n"),
        ("header-no-colon", "GET / HTTP/1.1\r\n" + Host + "X\r\n\r\n"),
        ("header-space-in-name", "GET / HTTP/1.1\r\n" + Host + "X Y: z\r\n\r\n"),
        ("header-folded", "GET / HTTP/1.1\r\n" + Host + "X: y\r\n z\r\n\r\n"),
        ("header-folded-coding", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
        ("header-folded-first", "GET / HTTP/1.1\r\n X: y\r\n" + Host + "\r\n"),
        ("header-underscores", "GET / HTTP/1.1\r\n" + Host + "X_Y: z\r\n\r\n"),
        ("header-empty-value", "GET / HTTP/1.1\r\n" + Host + "X:\r\n\r\n"),
        ("header-twice", "GET / HTTP/1.1\r\n" + Host + "X: 1\r\nX: 2\r\n\r\n"),
        ("host-none", "GET / HTTP/1.1\r\n\r\n"),
        ("host-empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        ("host-twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        ("host-twice-same", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        ("host-list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
        ("host-userinfo", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
        ("host-slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    ];

    private static IEnumerable<(string Id, string Text)> ChunkRows() =>
    [
        ("chunk-extension", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n1;a=b\r\nZ\r\n0\r\n\r\n"),
        ("chunk-extension-lf", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n1;a\nZ\r\n0\r\n\r\n"),
        ("chunk-extension-cr", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n1;a\rb\r\nZ\r\n0\r\n\r\n"),
        ("chunk-extension-lf-smuggles", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\n22\r\n0\r\n\r\n" + Smuggled + "0\r\n\r\n"),
        ("chunk-extension-long", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n1;" + new string('a', 70_000) + "\r\nZ\r\n0\r\n\r\n"),
        ("chunk-lf-only", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n1\nZ\n0\n\n"),
        ("chunk-size-overflow", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n100000001\r\nZ\r\n0\r\n\r\n"),
        ("chunk-size-negative", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\nZ\r\n0\r\n\r\n"),
        ("chunk-size-zeros", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n00001\r\nZ\r\n000\r\n\r\n"),
        ("chunk-too-short", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n1\r\nZZ\r\n0\r\n\r\n"),
        ("trailer", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n1\r\nZ\r\n0\r\nX-Trailer: y\r\n\r\n"),
        ("trailer-length", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n1\r\nZ\r\n0\r\nContent-Length: 34\r\n\r\n" + Smuggled),
        ("trailer-lf", "POST / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n1\r\nZ\r\n0\r\nX: y\n\r\n"),
        ("upgrade-h2c", "GET / HTTP/1.1\r\n" + Host + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"),
        ("get-with-body", "GET / HTTP/1.1\r\n" + Host + "Content-Length: 34\r\n\r\n" + Smuggled),
        ("head-with-body", "HEAD / HTTP/1.1\r\n" + Host + "Content-Length: 34\r\n\r\n" + Smuggled),
        ("expect-unknown", "POST / HTTP/1.1\r\n" + Host + "Expect: 200-ok\r\nContent-Length: 5\r\n\r\nhello"),
        ("method-lower-case", "get / HTTP/1.1\r\n" + Host + "\r\n"),
        ("method-own", "FROB / HTTP/1.1\r\n" + Host + "\r\n"),
        ("smuggled-behind-get", "GET / HTTP/1.1\r\n" + Host + "\r\n" + "0\r\n\r\n" + Smuggled),
    ];
}
