using System.Diagnostics;
using System.Globalization;
using System.Security.Authentication;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>Records that break the rules, in and behind the handshake: the connection ends, and nobody else notices.</summary>
public sealed class TlsRecordTests : IDisposable
{
    private const string Name = "app.home.test";

    private readonly HttpBackend _backend = HttpBackend.Start("app");

    public void Dispose() => _backend.Dispose();

    /// <summary>What is sent in clear behind a finished handshake. Each of them must end the connection.</summary>
    public static TheoryData<string, string> WrongRecords => new()
    {
        { "plaintext HTTP", Convert.ToHexString("GET / HTTP/1.1\r\nHost: app.home.test\r\n\r\n"u8) },
        { "application data that is not encrypted", "170303000548656C6C6F" },
        { "an oversized record", "1703034801" },
        { "a record of 65,535 bytes", "170303FFFF" },
        { "an unencrypted ClientHello", "16030100050100000100" },
        { "an unknown content type", "FF0303000100" },
        { "an unencrypted fatal alert", "15030300020228" },
        { "another protocol version", "1705000010000102030405060708090A0B0C0D0E0F" },
        { "an empty handshake record", "1603030000" },
        { "a heartbeat request", "18030300030140000000" },
    };

    [Theory]
    [MemberData(nameof(WrongRecords))]
    public async Task A_wrong_record_behind_the_handshake_ends_the_connection(string what, string hex)
    {
        Assert.NotEmpty(what);
        await using Gateway gateway = await StartAsync();
        foreach (SslProtocols protocol in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
        {
            await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, new TlsWish(Name) { Protocols = protocol });
            Assert.Equal("app /\n", (await client.GetAsync(Name)).Text);
            int before = _backend.Requests.Count;
            await client.Socket.SendAsync(Convert.FromHexString(hex));
            client.Socket.ShutdownSend();
            Assert.NotEqual(Ending.Open, (await client.Socket.ReceiveToEndAsync()).Ending);
            Assert.Equal(before, _backend.Requests.Count);
        }
        await AssertServesAsync(gateway);
    }

    [Theory]
    [InlineData("a fatal alert", "15030300020228")]
    [InlineData("a close_notify", "15030300020100")]
    [InlineData("a warning", "15030300020164")]
    [InlineData("another hello", "hello")]
    [InlineData("application data", "170303000548656C6C6F")]
    [InlineData("an oversized record", "1603034801")]
    [InlineData("an empty record", "1603030000")]
    [InlineData("ChangeCipherSpec of two bytes", "1403030002FFFF")]
    [InlineData("plaintext", "474554202F20485454502F312E310D0A0D0A")]
    public async Task A_wrong_record_in_the_middle_of_the_handshake_ends_it(string what, string hex)
    {
        Assert.NotEmpty(what);
        await using Gateway gateway = await StartAsync();
        // A hello that OpenSSL answers, sent in clear and never followed up.
        using TestClient client = await gateway.ConnectAsync();
        byte[] hello = await RealHelloAsync(gateway);
        await client.SendAsync(hello);
        Assert.Equal(0x16, (await client.ReceiveExactlyAsync(1))[0]);
        await client.TrySendAsync(hex == "hello" ? hello : Convert.FromHexString(hex));
        client.ShutdownSend();
        Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
        Assert.Contains(await gateway.AccessLog.EndOfAsync(client.LocalEndPoint), new[] { "error", "client-reset", "complete" });
        Assert.Empty(_backend.Requests);
        await AssertServesAsync(gateway);
    }

    [Fact]
    public async Task A_client_silent_behind_its_hello_is_closed_at_the_handshake_timeout()
    {
        await using Gateway gateway = await StartAsync(("handshake-timeout", "1s"));
        byte[] hello = await RealHelloAsync(gateway);
        TestClient[] silent = await Task.WhenAll(Enumerable.Range(0, Scale.Of(50, 1000)).Select(async _ =>
        {
            TestClient client = await gateway.ConnectAsync();
            await client.SendAsync(hello);
            return client;
        }));
        long start = Stopwatch.GetTimestamp();
        await AssertServesAsync(gateway);
        Transcript[] ends = await Task.WhenAll(silent.Select(client => client.ReceiveToEndAsync()));
        Assert.All(ends, end => Assert.NotEqual(Ending.Open, end.Ending));
        Assert.True(Stopwatch.GetElapsedTime(start) < Patience.Limit);
        foreach (TestClient client in silent)
        {
            Assert.Equal("hello-timeout", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
            client.Dispose();
        }
    }

    [SkippableFact]
    public async Task Renegotiation_is_refused()
    {
        await using Gateway gateway = await StartAsync();
        await using OpenSslTerminal terminal = new(Name, gateway.Https, "-tls1_2");
        await terminal.HearAsync("Verify return code");
        // R asks for it.
        await terminal.SayAsync("R\n");
        await terminal.HearAsync("RENEGOTIATING");
        await Patience.UntilAsync(() => terminal.HasEnded || terminal.CountOf("error") > 0, () => "openssl to be refused");
        Assert.Empty(_backend.Requests);
        await AssertServesAsync(gateway);
    }

    [SkippableFact]
    public async Task A_flood_of_key_updates_does_not_starve_others()
    {
        await using Gateway gateway = await StartAsync();
        await using OpenSslTerminal terminal = new(Name, gateway.Https, "-tls1_3");
        await terminal.HearAsync("Verify return code");
        long memory = gateway.Facts.ResidentBytes;
        for (int number = 1; number <= Scale.Of(200, 2000) && !terminal.HasEnded; number++)
        {
            // K asks for a key update, and for one of the other side.
            await terminal.SayAsync("K\n");
            await terminal.HearAsync("KEYUPDATE", number);
            if (number % 50 == 0)
                await AssertServesAsync(gateway);
        }
        await terminal.SayAsync(string.Create(CultureInfo.InvariantCulture, $"GET /behind HTTP/1.1\r\nHost: {Name}\r\n\r\n"));
        await terminal.HearAsync("app /behind");
        Assert.InRange(gateway.Facts.ResidentBytes, 0, memory + (50 << 20));
    }

    [Fact]
    public async Task A_flood_of_empty_application_records_is_borne_or_ended_but_costs_no_memory()
    {
        await using Gateway gateway = await StartAsync();
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        await client.GetAsync(Name);
        long memory = gateway.Facts.ResidentBytes;
        for (int number = 0; number < 5000; number++)
            await client.Tls.WriteAsync(ReadOnlyMemory<byte>.Empty);
        Assert.Equal("app /\n", (await client.GetAsync(Name)).Text);
        Assert.InRange(gateway.Facts.ResidentBytes, 0, memory + (50 << 20));
    }

    /// <summary>What a real client would say first: it is kept from the wire, and the handshake given up.</summary>
    private static async Task<byte[]> RealHelloAsync(Gateway gateway)
    {
        byte[] kept = [];
        TlsWish wish = new(Name)
        {
            Wire = inner => new ReframingStream(inner, hello =>
            {
                kept = hello;
                throw new IOException("kept");
            }),
        };
        await Assert.ThrowsAnyAsync<IOException>(() => TlsClient.ConnectAsync(gateway.Https, wish));
        return kept;
    }

    private static async Task AssertServesAsync(Gateway gateway)
    {
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        Assert.Equal("app /\n", (await client.GetAsync(Name)).Text);
        gateway.AssertAlive();
    }

    private Task<Gateway> StartAsync(params (string Key, string Value)[] more)
    {
        GatewayConfig config = GatewayConfig.Https().Offload("app", Name, _backend, TestCertificates.Shared.Authority.Issue(Name));
        foreach ((string key, string value) in more)
            config.Gateway(key, value);
        return Gateway.StartAsync(config);
    }
}
