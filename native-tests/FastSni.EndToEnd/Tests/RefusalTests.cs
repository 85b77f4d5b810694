using System.Text;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Who is turned away, how it looks from outside, and what the log says. No backend ever hears of it.</summary>
public sealed class RefusalTests
{
    private const int UnrecognizedName = 112, DecodeError = 50;

    [Fact]
    public async Task An_unknown_name_gets_alert_112_and_an_orderly_end()
    {
        await using Stage stage = await Stage.StartAsync();
        await stage.AssertRefusedAsync(HelloBytes.For("nobody.home.test"), UnrecognizedName, "unknown-name");
    }

    [Fact]
    public async Task A_hello_without_a_name_gets_alert_112_and_an_orderly_end()
    {
        await using Stage stage = await Stage.StartAsync();
        await stage.AssertRefusedAsync(HelloBytes.WithoutName("h2"), UnrecognizedName, "no-name");
        await stage.AssertRefusedAsync(Corpus.Hello("pcap-esni-only").Bytes, UnrecognizedName, "no-name");
    }

    [Theory]
    [InlineData("sniproxy-bad_data_4")]
    [InlineData("pcap-cipherlens1")]
    [InlineData("rustls-deframer-invalid-empty")]
    [InlineData("rustls-deframer-invalid-length")]
    public async Task A_malformed_hello_gets_alert_50_and_an_orderly_end(string id)
    {
        await using Stage stage = await Stage.StartAsync();
        await stage.AssertRefusedAsync(Corpus.Hello(id).Bytes, DecodeError, "hello-malformed");
    }

    [Fact]
    public async Task A_client_that_sent_much_more_than_its_hello_still_reads_the_alert_before_an_orderly_end()
    {
        await using Stage stage = await Stage.StartAsync();
        await stage.AssertRefusedAsync([.. HelloBytes.For("nobody.home.test"), .. new byte[30_000]], UnrecognizedName, "unknown-name");
    }

    [Fact]
    public async Task A_client_that_goes_on_sending_behind_the_alert_is_not_reset_at_once()
    {
        await using Stage stage = await Stage.StartAsync();
        using TestClient client = await stage.Gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For("nobody.home.test"));
        Assert.Equal(7, (await client.ReceiveExactlyAsync(7)).Length);
        await client.SendAsync(new byte[1_000]);
        Assert.Equal(0, await client.ReceiveAsync(new byte[1]));
    }

    [Fact]
    public async Task A_refused_client_that_never_closes_is_let_go_all_the_same()
    {
        await using Stage stage = await Stage.StartAsync();
        int descriptors = stage.Gateway.Facts.Descriptors;
        using TestClient client = await stage.Gateway.ConnectAsync();
        Assert.Equal("refused 112", await client.AskAsync("nobody.home.test"));
        await stage.Gateway.Facts.DescriptorsBackToAsync(descriptors);
        Assert.Equal("unknown-name", await stage.Gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a.home.test\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("EHLO client.test\r\n")]
    [InlineData("\u0003\0\0\u0013\u000e\u00e0\0\0\0\0\0\u0001\0\u0008\0\u0003\0\0\0")]
    [InlineData("x")]
    public async Task What_is_no_TLS_gets_an_orderly_end_without_a_byte(string greeting)
    {
        await using Stage stage = await Stage.StartAsync();
        await stage.AssertRefusedAsync(Encoding.Latin1.GetBytes(greeting == "x" ? new string('x', 1_000) : greeting), alert: null, "not-tls");
    }

    [Theory]
    [InlineData("sniproxy-ssl20_client_hello")]
    [InlineData("pcap-sslv2-compat")]
    public async Task A_hello_of_SSL_2_is_refused(string id)
    {
        await using Stage stage = await Stage.StartAsync();
        using TestClient client = await stage.Gateway.ConnectAsync();
        string answer = await client.AskAsync(Corpus.Hello(id).Bytes);
        Assert.Contains(answer, new[] { "closed", "refused 50" });
        Assert.Contains(await stage.Gateway.AccessLog.EndOfAsync(client.LocalEndPoint), new[] { "not-tls", "hello-malformed" });
        Assert.Equal(0, stage.Backend.Accepted);
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.9 192.0.2.1 4242 443\r\n")]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c\u00cb\0\u0071\u0009\u00c0\0\u0002\u0001\u0010\u0092\u0001\u00bb")]
    public async Task A_PROXY_header_from_a_client_is_refused_and_the_log_shows_the_socket_address(string header)
    {
        await using Stage stage = await Stage.StartAsync();
        using TestClient client = await stage.Gateway.ConnectAsync();
        await client.TrySendAsync((byte[])[.. Encoding.Latin1.GetBytes(header), .. HelloBytes.For("a.home.test")]);
        Transcript answer = await client.ReceiveToEndAsync();
        Assert.NotEqual(Ending.Open, answer.Ending);
        Assert.Empty(answer.Bytes);

        AccessLogLine line = await stage.Gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Equal(("proxy-header", "-"), (line.End, line.Backend));
        Assert.DoesNotContain("203.0.113.9", string.Join('\n', stage.Gateway.AccessLog.RawLines), StringComparison.Ordinal);
        Assert.Equal(0, stage.Backend.Accepted);
    }

    [Fact]
    public async Task A_PROXY_header_is_refused_before_not_tls_action_is_asked()
    {
        await using Stage stage = await Stage.StartAsync(config => config.Default("not-tls-action", "passthrough:a"));
        using TestClient client = await stage.Gateway.ConnectAsync();
        await client.TrySendAsync("PROXY TCP4 203.0.113.9 192.0.2.1 4242 443\r\nhello"u8.ToArray());
        Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
        Assert.Equal("proxy-header", await stage.Gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
        Assert.Equal(0, stage.Backend.Accepted);
    }

    private sealed class Stage(Gateway gateway, TestBackend backend) : IAsyncDisposable
    {
        public Gateway Gateway { get; } = gateway;

        public TestBackend Backend { get; } = backend;

        /// <summary>With a hello timeout so long that no end can be its doing.</summary>
        public static async Task<Stage> StartAsync(Func<GatewayConfig, GatewayConfig>? more = null)
        {
            TestBackend backend = TestBackend.Start("a");
            GatewayConfig config = GatewayConfig.Https().Gateway("hello-timeout", "60s").Passthrough("a", "a.home.test", backend);
            return new(await Gateway.StartAsync(more is null ? config : more(config)), backend);
        }

        public async Task AssertRefusedAsync(byte[] hello, int? alert, string end)
        {
            using TestClient client = await Gateway.ConnectAsync();
            await client.SendAsync(hello);
            Transcript answer = await client.ReceiveToEndAsync();
            Assert.Equal(Ending.Fin, answer.Ending);
            Assert.True(alert is int number ? answer.IsAlert(number) : answer.Bytes.Length == 0, Convert.ToHexString(answer.Bytes));
            Assert.Equal(System.Net.Sockets.SocketError.Success, client.PendingError);
            client.Dispose();

            AccessLogLine line = await Gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
            Assert.Equal((end, "-", 0L), (line.End, line.Backend, line.Up));
            Assert.Single(Gateway.AccessLog.Lines, one => one.Client == client.LocalEndPoint.ToString());
            Assert.Equal(0, Backend.Accepted);
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            Backend.Dispose();
        }
    }
}
