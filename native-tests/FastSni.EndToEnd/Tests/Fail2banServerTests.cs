using System.Globalization;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>The shipped actions, called by the real fail2ban-server when the shipped jails find something in a log.</summary>
public sealed class Fail2banServerTests
{
    private const string Jails = """
        [fastsni]
        enabled  = true
        logpath  = {0}/access.log
        action   = fastsni[fastsni="{0}/stub", options="--socket {0}/control.sock"]
        maxretry = 2

        [fastsni-http]
        enabled  = true
        logpath  = {0}/access.log
        action   = fastsni[fastsni="{0}/stub"]
        maxretry = 1
        bantime  = -1

        """;

    [SkippableFact]
    public async Task The_action_calls_the_command_for_both_families_and_for_ever()
    {
        await using Fail2ban fail2ban = await Fail2ban.StartAsync(Jails);
        await StubAsync(fail2ban);
        await LogAsync(fail2ban, Session("203.0.113.9"), Session("203.0.113.9"), Session("203.0.113.10"), Session("[2001:db8::9]"), Session("[2001:db8::9]"), Request("[2001:db8::7]", 401));
        await UntilCalledAsync(fail2ban, $"[ban][203.0.113.9][--for][3600s][--reason][fail2ban fastsni][--socket][{fail2ban.PathOf("control.sock")}]");
        await UntilCalledAsync(fail2ban, $"[ban][2001:db8::9][--for][3600s][--reason][fail2ban fastsni][--socket][{fail2ban.PathOf("control.sock")}]");
        await UntilCalledAsync(fail2ban, "[ban][2001:db8::7][--reason][fail2ban fastsni-http]");

        // The stub ends with 1, as the command does for a ban that has ended by itself: that is no failure.
        await fail2ban.AskAsync("set", "fastsni", "unbanip", "203.0.113.9");
        await UntilCalledAsync(fail2ban, $"[unban][203.0.113.9][--socket][{fail2ban.PathOf("control.sock")}]");
        await fail2ban.HearAsync("Unban 203.0.113.9");
        Assert.DoesNotContain("203.0.113.10", await File.ReadAllTextAsync(fail2ban.PathOf("calls")), StringComparison.Ordinal);
        Assert.DoesNotContain(fail2ban.Log, line => line.Contains("ERROR", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task The_remote_action_asks_the_gateway_and_its_refusal_is_told()
    {
        Tool.Require("curl");
        using BanDesk desk = new();
        await using Fail2ban fail2ban = await Fail2ban.StartAsync(Jails
            .Replace("fastsni[fastsni=\"{0}/stub\", options=\"--socket {0}/control.sock\"]", "%(remote)s", StringComparison.Ordinal)
            .Replace("fastsni[fastsni=\"{0}/stub\"]", "%(remote)s", StringComparison.Ordinal)
            .Insert(0, $"[DEFAULT]\nremote = fastsni-remote[url=\"{desk.Url}\", header-file=\"{{0}}/token.header\"]\n\n"));
        await File.WriteAllTextAsync(fail2ban.PathOf("token.header"), "Authorization: Bearer correct-horse-battery-staple\n");
        await LogAsync(fail2ban, Session("203.0.113.9"), Session("203.0.113.9"), Request("[2001:db8::7]", 403));
        await desk.UntilAskedAsync("""POST /bans Bearer correct-horse-battery-staple {"address": "203.0.113.9", "for": "3600s", "reason": "fail2ban fastsni"}""", fail2ban);
        await desk.UntilAskedAsync("""POST /bans Bearer correct-horse-battery-staple {"address": "2001:db8::7", "reason": "fail2ban fastsni-http"}""", fail2ban);
        await fail2ban.AskAsync("set", "fastsni-http", "unbanip", "2001:db8::7");
        await desk.UntilAskedAsync("DELETE /bans/2001:db8::7 Bearer correct-horse-battery-staple", fail2ban);
        Assert.DoesNotContain(fail2ban.Log, line => line.Contains("ERROR", StringComparison.Ordinal));

        // What is not there any more need not be taken back.
        desk.Statuses["DELETE"] = 404;
        await fail2ban.AskAsync("set", "fastsni", "unbanip", "203.0.113.9");
        await desk.UntilAskedAsync("DELETE /bans/203.0.113.9 Bearer correct-horse-battery-staple", fail2ban);
        Assert.DoesNotContain(fail2ban.Log, line => line.Contains("ERROR", StringComparison.Ordinal));

        desk.Statuses["POST"] = 401;
        await LogAsync(fail2ban, Request("203.0.113.11", 403));
        await fail2ban.HearAsync("""the gateway has not banned 203.0.113.11: {"error": "as told"} 401""");
        // The command that failed is logged; the token is not in it.
        Assert.DoesNotContain(fail2ban.Log, line => line.Contains("correct-horse", StringComparison.Ordinal));
    }

    private static async Task StubAsync(Fail2ban fail2ban)
    {
        string stub = fail2ban.PathOf("stub"), calls = fail2ban.PathOf("calls");
        await File.WriteAllTextAsync(calls, "");
        await File.WriteAllTextAsync(stub, $"#!/bin/sh\n{{ printf '[%s]' \"$@\"; echo; }} >> {calls}\n[ \"$1\" != unban ]\n");
        File.SetUnixFileMode(stub, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static Task UntilCalledAsync(Fail2ban fail2ban, string call) => Patience.UntilAsync(
        async () => (await File.ReadAllLinesAsync(fail2ban.PathOf("calls"))).Contains(call),
        () => $"'{call}' among\n{File.ReadAllText(fail2ban.PathOf("calls"))}\n{fail2ban.Tail}", Patience.BulkLimit);

    private static Task LogAsync(Fail2ban fail2ban, params string[] lines) => File.AppendAllLinesAsync(fail2ban.PathOf("access.log"), lines);

    private static string Session(string client) =>
        $"{Now} session listener=https client={client}:50123 name=\"\" alpn=\"\" route=- backend=- up=0 down=0 connect=- duration=0.1ms end=not-tls";

    private static string Request(string client, int status) =>
        $"{Now} request listener=https client={client}:40112 name=\"a.home.test\" route=offload:a backend=127.0.0.1:80 method=GET host=\"a.home.test\" path=\"/\" status={status} up=0 down=10 duration=3.1ms agent=\"x\"";

    private static string Now => TimeProvider.System.GetLocalNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture);
}
