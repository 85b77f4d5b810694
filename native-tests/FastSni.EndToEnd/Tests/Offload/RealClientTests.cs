using System.Globalization;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>curl, openssl and gnutls-cli meet a site whose TLS ends in the gateway.</summary>
[Collection(Alone.Name)]
public sealed class RealClientTests : IDisposable
{
    private const string Name = "app.home.test";
    private const int UpBytes = 1 << 20, DownBytes = 8 << 20;

    private readonly HttpBackend _backend = HttpBackend.Start("app");

    public void Dispose() => _backend.Dispose();

    [SkippableTheory]
    [InlineData("--http1.1", "1.1", "--tlsv1.3", 1)]
    [InlineData("--http2", "2", "--tlsv1.3", 2)]
    [InlineData("--http1.1", "1.1", "--tls-max 1.2", 2)]
    [InlineData("--http2", "2", "--tls-max 1.2", 1)]
    public async Task Curl_verifies_the_sites_certificate_and_gets_its_answer(string http, string version, string tls, int workers)
    {
        await using Gateway gateway = await StartAsync(workers);
        (string body, string address, string port, string spoken) = await Curl.AskAsync(Name, gateway.Https, [http, .. tls.Split(' ')]);
        Assert.Equal(("app /", version), (body, spoken));
        RecordedRequest request = Assert.Single(_backend.Requests);
        Assert.Equal(("GET", "/"), (request.Method, request.Target));
        System.Net.IPEndPoint client = new(System.Net.IPAddress.Parse(address), int.Parse(port, CultureInfo.InvariantCulture));
        RequestLogLine line = Assert.Single(await gateway.AccessLog.RequestsOfAsync(client, 1));
        Assert.Equal(("https", Name, "offload:app", _backend.Address), (line.Listener, line.Name, line.Route, line.Backend));
        Assert.Equal(("GET", "/", (int?)200, 0L, 6L), (line.Method, line.Path, line.Status, line.Up, line.Down));
        Assert.Equal($"{Name}:{gateway.Https.Port}", line.Host);
        Assert.StartsWith("curl/", line.Agent, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("--http1.1", "bytes")]
    [InlineData("--http1.1", "chunked")]
    [InlineData("--http2", "bytes")]
    [InlineData("--http2", "chunked")]
    public async Task A_large_answer_arrives_to_the_byte(string http, string kind)
    {
        await using Gateway gateway = await StartAsync();
        string file = Path.Combine(gateway.Directory, "answer");
        (await Curl.RunAsync(Name, $"/{kind}/{DownBytes}", gateway.Https, http, "--output", file)).AssertSuccess();
        byte[] got = await File.ReadAllBytesAsync(file);
        Assert.Equal((DownBytes, -1L), (got.Length, new Pattern(HttpScripts.Seed).FirstDifference(0, got)));
    }

    [SkippableTheory]
    [InlineData("--http1.1", "--data-binary @{0}")]
    [InlineData("--http2", "--data-binary @{0}")]
    [InlineData("--http1.1", "--header Transfer-Encoding:chunked --data-binary @{0}")]
    [InlineData("--http1.1", "--header Expect:100-continue --upload-file {0}")]
    [InlineData("--http2", "--upload-file {0}")]
    public async Task A_large_body_reaches_the_backend_and_comes_back_to_the_byte(string http, string how)
    {
        byte[] sent = new Pattern(11).Bytes(UpBytes);
        string body = "";
        await using Gateway gateway = await StartAsync(prepare: directory => File.WriteAllBytes(body = Path.Combine(directory, "body"), sent));
        string file = Path.Combine(gateway.Directory, "answer");
        string[] arguments = [http, "--output", file, .. string.Format(CultureInfo.InvariantCulture, how, body).Split(' ')];
        (await Curl.RunAsync(Name, "/echo", gateway.Https, arguments)).AssertSuccess();
        Assert.Equal(sent, Assert.Single(_backend.Requests).Body);
        Assert.Equal(sent, await File.ReadAllBytesAsync(file));
    }

    [SkippableTheory]
    [InlineData("--http1.1")]
    [InlineData("--http2")]
    public async Task A_body_of_unknown_length_is_streamed(string http)
    {
        await using Gateway gateway = await StartAsync();
        ToolResult result = await Tool.RunAsync(
            Tool.Require("curl"),
            [
                "--silent", "--show-error", "--max-time", "60", "--cacert", TestCertificates.Shared.AuthorityPath, http, "--upload-file", "-",
                "--resolve", $"{Name}:{gateway.Https.Port}:{gateway.Https.Address}", $"https://{Name}:{gateway.Https.Port}/echo",
            ],
            input: "from a pipe\n");
        result.AssertSuccess();
        Assert.Equal("from a pipe\n", result.Output);
        Assert.Equal("from a pipe\n"u8.ToArray(), Assert.Single(_backend.Requests).Body);
    }

    [SkippableTheory]
    [InlineData("--http1.1")]
    [InlineData("--http2")]
    public async Task HEAD_304_and_204_have_no_body_and_keep_their_headers(string http)
    {
        await using Gateway gateway = await StartAsync();
        ToolResult head = await Curl.RunAsync(Name, "/bytes/70000", gateway.Https, http, "--head");
        head.AssertSuccess();
        Assert.Contains("content-length: 70000", head.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("HEAD", Assert.Single(_backend.Requests).Method);
        foreach (string status in new[] { "304", "204" })
        {
            ToolResult result = await Curl.RunAsync(Name, $"/status/{status}", gateway.Https, http, "--include", "--header", "If-None-Match: \"v1\"");
            result.AssertSuccess();
            Assert.Contains($" {status}", result.Output.Split('\r')[0], StringComparison.Ordinal);
            Assert.Contains("etag: \"v1\"", result.Output, StringComparison.OrdinalIgnoreCase);
            Assert.EndsWith("\r\n\r\n", result.Output, StringComparison.Ordinal);
        }
        Assert.Equal("\"v1\"", _backend.Requests.Last().Head.Value("If-None-Match"));
    }

    [SkippableTheory]
    [InlineData("--http1.1")]
    [InlineData("--http2")]
    public async Task A_compressed_answer_is_left_as_it_is(string http)
    {
        await using Gateway gateway = await StartAsync();
        string file = Path.Combine(gateway.Directory, "answer");
        ToolResult result = await Curl.RunAsync(Name, "/gzip", gateway.Https, http, "--output", file, "--dump-header", "-", "--header", "Accept-Encoding: gzip");
        result.AssertSuccess();
        Assert.Contains("content-encoding: gzip", result.Output, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpScripts.Gzip, await File.ReadAllBytesAsync(file));
        Assert.Equal("gzip", Assert.Single(_backend.Requests).Head.Value("Accept-Encoding"));
    }

    [SkippableTheory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Openssl_gets_the_answer(string version)
    {
        await using Gateway gateway = await StartAsync();
        string heard = await OpenSslClient.AskAsync(Name, gateway.Https, wanted: "app /", version);
        Assert.Contains("app /", heard, StringComparison.Ordinal);
        Assert.DoesNotContain("verify error", heard, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("NORMAL:-VERS-ALL:+VERS-TLS1.2")]
    [InlineData("NORMAL:-VERS-ALL:+VERS-TLS1.3")]
    public async Task Gnutls_gets_the_answer(string priority)
    {
        await using Gateway gateway = await StartAsync();
        Assert.Contains("app /", await GnutlsClient.AskAsync(Name, gateway.Https, wanted: "app /", priority), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task H2load_has_every_request_of_its_many_streams_answered()
    {
        string h2load = Tool.Require("h2load");
        await using Gateway gateway = await StartAsync(workers: 2);
        ToolResult result = await Tool.RunAsync(
            h2load, ["-n", "2000", "-c", "4", "-m", "20", "--connect-to", gateway.Https.ToString(), $"https://{Name}:{gateway.Https.Port}/"], within: Patience.BulkLimit);
        result.AssertSuccess();
        Assert.Contains("2000 succeeded, 0 failed, 0 errored", result.Output, StringComparison.Ordinal);
        Assert.Equal(2000, _backend.Requests.Count);
        await gateway.AccessLog.LinesAsync(2000);
        Assert.Equal(2000, gateway.AccessLog.Requests.Count(line => line.Status == 200));
    }

    private Task<Gateway> StartAsync(int workers = 1, Action<string>? prepare = null) => Gateway.StartAsync(
        GatewayConfig.Https(workers).Offload("app", Name, _backend, TestCertificates.Shared.Authority.Issue(Name)), prepare);
}
