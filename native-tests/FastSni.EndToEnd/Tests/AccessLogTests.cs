using System.Net;
using System.Text.Json;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>
/// The access log's form, which fail2ban and people read. <see cref="AccessLogLine"/> holds every line of every test to the letter.
/// </summary>
public sealed class AccessLogTests
{
    [Fact]
    public async Task A_session_leaves_one_line_that_tells_it_all()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("yunohost", "a.home.test", backend));
        byte[] hello = HelloBytes.For("A.Home.test", "h2", "http/1.1");
        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        using TestClient client = await gateway.ConnectAsync();
        string answer = await client.AskAsync(hello);
        await Task.Delay(1_100);
        client.ShutdownSend();
        await client.ReceiveToEndAsync();

        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Equal(("https", client.LocalEndPoint.ToString()), (line.Listener, line.Client));
        Assert.Equal("a.home.test", line.Name, ignoreCase: true);
        Assert.Equal("h2,http/1.1", line.Alpn);
        Assert.Equal(("passthrough:yunohost", backend.Address), (line.Route, line.Backend));
        // The PROXY header is ours, not the client's: it is not counted.
        Assert.Equal((hello.Length, answer.Length + 1L, "complete"), (line.Up, line.Down, line.End));
        // A timer may fire a moment early by the gateway's clock.
        Assert.InRange(line.Duration, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        Assert.InRange(line.Connect!.Value, TimeSpan.Zero, line.Duration);
        Assert.InRange(line.Time, before, TimeProvider.System.GetUtcNow().AddSeconds(1));
        Assert.Single(gateway.AccessLog.RawLines);
    }

    [Fact]
    public async Task An_IPv6_client_is_written_in_brackets()
    {
        using TestBackend backend = TestBackend.Start("a", at: Loopback.NextV6());
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https(family: System.Net.Sockets.AddressFamily.InterNetworkV6).Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        await client.AskAsync("a.home.test");
        client.ShutdownSend();
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Equal(($"[::1]:{client.LocalEndPoint.Port}", $"[::1]:{backend.Port}"), (line.Client, line.Backend));
    }

    [SkippableFact]
    public async Task The_time_is_local_time_with_its_offset()
    {
        Skip.IfNot(File.Exists("/usr/share/zoneinfo/Asia/Kolkata"), "there is no time zone data here to be elsewhere with");
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Passthrough("a", "a.home.test", backend), environment: ("TZ", "Asia/Kolkata"));
        using TestClient client = await gateway.ConnectAsync();
        await client.AskAsync("nobody.test");
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Equal(new TimeSpan(5, 30, 0), line.Time.Offset);
        Assert.InRange(line.Time, TimeProvider.System.GetUtcNow().AddMinutes(-1), TimeProvider.System.GetUtcNow().AddMinutes(1));
    }

    public static TheoryData<byte[]> NastyNames => new()
    {
        "x\r\n2026-11-23T10:15:30.123+01:00 session listener=https client=203.0.113.9:1"u8.ToArray(),
        "quote\" end=complete \"x"u8.ToArray(),
        "back\\slash\\"u8.ToArray(),
        "\u001b[2Jclear.test"u8.ToArray(),
        "tab\there and space"u8.ToArray(),
        (byte[])[(byte)'a', 0xFF, 0x80, 0xC3, 0x28, 0x7F, 0x01],
        (byte[])[.. Enumerable.Range(1, 255).Select(value => (byte)value)],
        (byte[])[.. Enumerable.Repeat((byte)'"', 255)],
    };

    [Theory]
    [MemberData(nameof(NastyNames))]
    public async Task A_name_of_any_bytes_makes_one_well_formed_line_that_reads_back_to_the_same_bytes(byte[] name)
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        Assert.StartsWith("refused ", await client.AskAsync(HelloBytes.For(name)), StringComparison.Ordinal);
        Assert.Equal("a", await gateway.AskAsync("a.home.test"));

        IReadOnlyList<AccessLogLine> lines = await gateway.AccessLog.LinesAsync(2);
        Assert.Equal(2, lines.Count);
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Contains(line.End, new[] { "unknown-name", "hello-malformed" });
        if (line.End == "unknown-name")
            Assert.Equal(name, line.Name.Select(letter => (byte)letter));
    }

    [Fact]
    public async Task An_ALPN_offer_of_any_bytes_makes_one_well_formed_line()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        await client.AskAsync(HelloBytes.For("a.home.test", "x\"\r\n\u001by", new string('\\', 200)));
        client.ShutdownSend();
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.StartsWith("x\"\r\n\u001by", line.Alpn, StringComparison.Ordinal);
        Assert.Single(gateway.AccessLog.RawLines);
    }

    [Fact]
    public async Task The_JSON_form_has_the_same_names()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Gateway("access-log-format", "json").Passthrough("a", "a.home.test", backend));
        byte[] hello = HelloBytes.For("a.home.test", "h2");
        using TestClient client = await gateway.ConnectAsync(), nasty = await gateway.ConnectAsync();
        string answer = await client.AskAsync(hello);
        client.ShutdownSend();
        await client.ReceiveToEndAsync();
        await nasty.AskAsync(HelloBytes.For("x\"\r\n\u001b\\y"u8.ToArray()));

        await Patience.UntilAsync(() => gateway.AccessLog.RawLines.Count >= 2, () => "two lines");
        Assert.Equal(2, gateway.AccessLog.RawLines.Count);
        JsonElement[] lines = [.. gateway.AccessLog.RawLines.Select(line => JsonDocument.Parse(line).RootElement)];
        JsonElement mine = lines.Single(line => line.GetProperty("client").GetString() == client.LocalEndPoint.ToString());
        Assert.Equal("https", mine.GetProperty("listener").GetString());
        Assert.Equal("a.home.test", mine.GetProperty("name").GetString());
        Assert.Equal("passthrough:a", mine.GetProperty("route").GetString());
        Assert.Equal(backend.Address, mine.GetProperty("backend").GetString());
        Assert.Equal("complete", mine.GetProperty("end").GetString());
        Assert.Equal((hello.Length, answer.Length + 1L), (mine.GetProperty("up").GetInt64(), mine.GetProperty("down").GetInt64()));
        foreach (string name in new[] { "alpn", "connect", "duration" })
            Assert.True(mine.TryGetProperty(name, out _), name);
        JsonElement other = lines.Single(line => line.GetProperty("client").GetString() == nasty.LocalEndPoint.ToString());
        Assert.Contains(other.GetProperty("end").GetString(), new[] { "unknown-name", "hello-malformed" });
    }

    [Fact]
    public async Task Off_writes_no_file_and_the_gateway_serves()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Gateway("access-log", "off").Passthrough("a", "a.home.test", backend));
        Assert.Equal("a", await gateway.AskAsync("a.home.test"));
        Assert.False(File.Exists(gateway.AccessLog.Path));
    }

    [Fact]
    public async Task Stdout_shows_the_same_line_among_the_programs_own()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Gateway("access-log", "stdout").Passthrough("a", "a.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        await client.AskAsync("nobody.test");
        string line = await gateway.Log.LineWithAsync($"client={client.LocalEndPoint} ");
        Assert.Equal("unknown-name", AccessLogLine.Parse(line).End);
    }

    [Fact]
    public async Task SIGUSR1_opens_the_file_anew_after_it_was_moved_away()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        await AskAndLogAsync(gateway);
        File.Move(gateway.AccessLog.Path, gateway.AccessLog.Path + ".1");
        gateway.Send(Signal.User1);
        await LinesComeToTheNewFileAsync(gateway);
    }

    [Fact]
    public async Task A_file_moved_away_is_noticed_without_a_signal()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        await AskAndLogAsync(gateway);
        File.Move(gateway.AccessLog.Path, gateway.AccessLog.Path + ".1");
        await LinesComeToTheNewFileAsync(gateway);
    }

    private static async Task<IPEndPoint> AskAndLogAsync(Gateway gateway)
    {
        using TestClient client = await gateway.ConnectAsync();
        await client.AskAsync("nobody.test");
        await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        return client.LocalEndPoint;
    }

    /// <summary>Every session is in one of the two files, once; those of later on are in the new one.</summary>
    private static async Task LinesComeToTheNewFileAsync(Gateway gateway)
    {
        List<string> asked = [];
        bool IsIn(string path, string client) =>
            File.Exists(path) && File.ReadAllText(path).Contains($" client={client} ", StringComparison.Ordinal);
        async Task<bool> OneIsInTheNewFileAsync()
        {
            using (TestClient client = await gateway.ConnectAsync())
            {
                await client.AskAsync("nobody.test");
                asked.Add(client.LocalEndPoint.ToString());
            }
            await Task.Delay(100);
            return asked.Exists(client => IsIn(gateway.AccessLog.Path, client));
        }
        await Patience.UntilAsync(OneIsInTheNewFileAsync, () => $"lines in the new file\n{gateway.Log.Tail}");
        await Patience.UntilAsync(
            () => asked.TrueForAll(client => IsIn(gateway.AccessLog.Path, client) != IsIn(gateway.AccessLog.Path + ".1", client)),
            () => "every session to be in exactly one of the two files");
    }
}
