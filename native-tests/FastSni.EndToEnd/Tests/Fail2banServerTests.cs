using System.Net;
using System.Text;
using System.Text.Json;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>The shipped jails and actions with the real fail2ban-server, over the log of a running gateway: hostile clients get themselves banned there (T53).</summary>
public sealed class Fail2banServerTests
{
    private const string Bad = "203.0.113.9", Bad6 = "2001:db8::9", Worse = "203.0.113.7", Spared = "203.0.113.200", Innocent = "203.0.113.66", Token = "correct-horse-battery-staple";

    private const string Jails = """
        [fastsni]
        enabled  = true
        logpath  = {log}
        action   = {action}
        maxretry = 2

        [fastsni-http]
        enabled  = true
        logpath  = {log}
        action   = {action}
        maxretry = 1
        bantime  = -1

        """;

    private static readonly byte[] Ssh = "SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray();

    [SkippableFact]
    public async Task A_hostile_client_is_banned_by_the_command_and_let_in_again()
    {
        Tool.Require("fail2ban-server");
        using TestBackend backend = TestBackend.Start("a");
        using HttpBackend web = HttpBackend.Start("web");
        await using Gateway gateway = await Gateway.StartAsync(WithWeb(ProxyDoor.Config(backend), web).Set("bans", "never", Spared));
        await using Fail2ban fail2ban = await StartAsync(gateway, $"fastsni[fastsni=\"{GatewayBinary.Path}\", options=\"--config {gateway.ConfigPath}\"]");
        await MisbehaveAsync(gateway, fail2ban);

        // The gateway refuses to ban it, and fail2ban says so.
        for (int i = 0; i < 2; i++)
            Assert.Equal("not-tls", await gateway.EndOfAsync(Spared, Ssh));
        await fail2ban.HearAsync($"{Spared} can't be banned");
        Assert.True(await gateway.ServesAsync(Spared));
    }

    [SkippableFact]
    public async Task A_hostile_client_is_banned_over_the_admin_address_and_let_in_again()
    {
        Tool.Require("fail2ban-server");
        Tool.Require("curl");
        using TestBackend backend = TestBackend.Start("a");
        using HttpBackend web = HttpBackend.Start("web");
        IPEndPoint address = Loopback.NextV4();
        GatewayConfig config = WithWeb(ProxyDoor.Config(backend), web).Set("admin", "address", address.ToString());
        string tokenFile = "";
        await using Gateway gateway = await Gateway.StartAsync(config, directory =>
        {
            tokenFile = Path.Combine(directory, "token");
            File.WriteAllText(tokenFile, Token + "\n");
            File.WriteAllText(Path.Combine(directory, "token.header"), $"Authorization: Bearer {Token}\n");
            config.Set("admin", "token-file", tokenFile);
        });
        await using Fail2ban fail2ban = await StartAsync(gateway, $"fastsni-remote[url=\"http://{address}\", header-file=\"{Path.Combine(gateway.Directory, "token.header")}\"]");
        await MisbehaveAsync(gateway, fail2ban);

        // With another token than the gateway's nobody is banned, fail2ban says why, and the token stands in no log.
        await File.WriteAllTextAsync(tokenFile, "another-token-of-good-length\n");
        for (int i = 0; i < 2; i++)
            Assert.Equal("not-tls", await gateway.EndOfAsync(Spared, Ssh));
        await fail2ban.HearAsync($$"""the gateway has not banned {{Spared}}: {"error":""");
        Assert.True(await gateway.ServesAsync(Spared));
        Assert.DoesNotContain(fail2ban.Log, line => line.Contains("correct-horse", StringComparison.Ordinal));
    }

    private static async Task MisbehaveAsync(Gateway gateway, Fail2ban fail2ban)
    {
        Assert.True(await gateway.ServesAsync(Bad));
        // It would like another to be taken for it.
        Assert.Equal("hello-malformed", await gateway.EndOfAsync(Bad, [.. Encoding.ASCII.GetBytes("\x16\x03\x01\x00\x05\x02"), .. Encoding.ASCII.GetBytes($" client={Innocent}:1")]));
        foreach (string client in new[] { Bad, Bad6, Bad6 })
            Assert.Equal("not-tls", await gateway.EndOfAsync(client, Ssh));
        byte[] request = Encoding.ASCII.GetBytes($"GET /status/401?client={Innocent}:1 HTTP/1.1\r\nHost: {HttpRooms.PlainName}\r\nUser-Agent: \" client={Innocent}:1 status=401\r\n\r\n");
        (TestClient visitor, _) = await gateway.EnterAsync(Worse, request, "http");
        using (visitor)
            Assert.Contains("401", await visitor.ReceiveLineAsync(), StringComparison.Ordinal);

        await UntilBannedAsync(gateway, fail2ban, Bad, "fail2ban fastsni", hasEnd: true);
        await UntilBannedAsync(gateway, fail2ban, Bad6, "fail2ban fastsni", hasEnd: true);
        await UntilBannedAsync(gateway, fail2ban, Worse, "fail2ban fastsni-http", hasEnd: false);
        foreach (string banned in new[] { Bad, Bad6, Worse })
            Assert.False(await gateway.ServesAsync(banned));
        Assert.True(await gateway.ServesAsync(Innocent));
        Assert.Equal(3, (await gateway.LookAsync("status")).GetProperty("bans").GetInt32());

        await fail2ban.AskAsync("set", "fastsni", "unbanip", Bad);
        await fail2ban.AskAsync("set", "fastsni-http", "unbanip", Worse);
        // A ban that has ended already: that is no failure.
        await gateway.OrderAsync("unban", Bad6);
        await fail2ban.AskAsync("set", "fastsni", "unbanip", Bad6);
        foreach (string free in new[] { Bad, Bad6, Worse })
            await Patience.UntilAsync(async () => await gateway.ServesAsync(free), () => $"{free} to be free\n{fail2ban.Tail}", Patience.BulkLimit);
        await fail2ban.HearAsync($"Unban {Bad6}");
        Assert.DoesNotContain(fail2ban.Log, line => line.Contains("ERROR", StringComparison.Ordinal));
    }

    private static Task UntilBannedAsync(Gateway gateway, Fail2ban fail2ban, string address, string reason, bool hasEnd) => Patience.UntilAsync(
        async () => (await gateway.LookAsync("bans")).GetProperty("bans").EnumerateArray().Any(ban => ban.GetProperty("address").GetString() == address
            && ban.GetProperty("reason").GetString() == reason && ban.GetProperty("until").ValueKind == JsonValueKind.Null != hasEnd),
        () => $"{address} to be banned\n{string.Join('\n', gateway.AccessLog.RawLines.TakeLast(10))}\n{fail2ban.Tail}", Patience.BulkLimit);

    private static GatewayConfig WithWeb(GatewayConfig config, HttpBackend web) =>
        config.Passthrough("plain", HttpRooms.PlainName, Loopback.NextV4().ToString(), ("http-backend", web.Address));

    private static Task<Fail2ban> StartAsync(Gateway gateway, string action) => Fail2ban.StartAsync(
        Jails.Replace("{log}", gateway.AccessLog.Path, StringComparison.Ordinal).Replace("{action}", action, StringComparison.Ordinal));
}
