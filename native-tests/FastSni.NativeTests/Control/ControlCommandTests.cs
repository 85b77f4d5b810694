using System.Net.Sockets;
using System.Text.Json;
using FastSni.NativeTests.Support;
using FastSni.Operations;
using Xunit;

namespace FastSni.NativeTests.Control;

/// <summary>Every command over a real socket, there and back.</summary>
public sealed class ControlCommandTests
{
    [Fact]
    public async Task Looking_brings_the_gateways_reports()
    {
        await using ControlRig rig = ControlRig.Start();
        StatusReport status = (await DoneAsync(rig, new ControlRequest(ControlCommand.Status))).Read<StatusReport>()!;
        Assert.Equal(("9.8.7", 61.5, 5, 6), (status.Version, status.UptimeSeconds, status.Ended["client-reset"], status.Counters["pipes-refused"]));
        Assert.Equal(new ServerReport("192.0.2.1:443", "up", 3), Assert.Single(Assert.Single(status.Routes).Servers));
        Assert.Null(Assert.Single(status.Certificates).File);

        rig.Gateway.SessionsTotal = 5;
        SessionsReport sessions = (await DoneAsync(rig, new ControlRequest(ControlCommand.Sessions) { Limit = 2 })).Read<SessionsReport>()!;
        Assert.Equal((2, 5, 7), (sessions.Sessions.Count, sessions.Total, sessions.Sessions[0].Id));

        BanEntry ban = Assert.Single((await DoneAsync(rig, new ControlRequest(ControlCommand.Bans))).Read<BansReport>()!.Bans);
        Assert.Equal(new BanEntry("192.0.2.7", "ssh", DateTimeOffset.UnixEpoch, null, true), ban);

        JsonElement version = (await DoneAsync(rig, new ControlRequest(ControlCommand.Version))).Result;
        Assert.Equal("""{"version":"9.8.7","processId":4711,"protocol":1}""", version.GetRawText());
        Assert.DoesNotContain(false, rig.Gateway.AskedOnPool);
    }

    [Fact]
    public async Task Changes_reach_the_gateway_as_they_were_asked_for()
    {
        await using ControlRig rig = ControlRig.Start();
        rig.Gateway.Upgrade.SetResult();
        await DoneAsync(rig, new ControlRequest(ControlCommand.Sessions));
        await DoneAsync(rig, new ControlRequest(ControlCommand.Close) { Id = 4711 });
        await DoneAsync(rig, new ControlRequest(ControlCommand.Drain) { Target = "passthrough:a/192.0.2.1:443" });
        await DoneAsync(rig, new ControlRequest(ControlCommand.Undrain) { Target = "listen:smtp" });
        await DoneAsync(rig, new ControlRequest(ControlCommand.Upgrade));
        ControlReply ban = await DoneAsync(rig, new ControlRequest(ControlCommand.Ban) { Address = "2001:db8::/32", For = "90d", Reason = "räuber" });
        Assert.Equal(new BanReport(3), ban.Read<BanReport>());
        await DoneAsync(rig, new ControlRequest(ControlCommand.Ban) { Address = "192.0.2.7" });
        await DoneAsync(rig, new ControlRequest(ControlCommand.Unban) { Address = "192.0.2.7" });
        ReloadReport reload = (await DoneAsync(rig, new ControlRequest(ControlCommand.Reload))).Read<ReloadReport>()!;
        Assert.Equal(("a warning", "workers"), (Assert.Single(reload.Warnings), Assert.Single(reload.NeedUpgrade)));
        Assert.Equal(
            ["sessions 1000", "close 4711", "drain passthrough:a/192.0.2.1:443", "undrain listen:smtp", "upgrade", "ban 2001:db8::/32 90.00:00:00 räuber", "ban 192.0.2.7 for good ", "unban 192.0.2.7", "reload"],
            rig.Gateway.Asked);
        Assert.Equal(9, rig.Server.Counters.Requests);
        Assert.Contains(rig.Log.Lines, line => line.StartsWith("Information: Control socket: Ban by user id ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_gateway_refuses_comes_back_as_its_sentence()
    {
        await using ControlRig rig = ControlRig.Start();
        rig.Gateway.Refusal = "127.0.0.1 is one of our own";
        ControlRequest[] changes =
        [
            new(ControlCommand.Close) { Id = 1 }, new(ControlCommand.Drain) { Target = "a" }, new(ControlCommand.Undrain) { Target = "a" },
            new(ControlCommand.Ban) { Address = "127.0.0.1" }, new(ControlCommand.Unban) { Address = "127.0.0.1" },
        ];
        foreach (ControlRequest change in changes)
            Assert.Equal(rig.Gateway.Refusal, await RefusedAsync(rig, change));
        rig.Gateway.Reload = new ReloadReport(["fastsni.ini:3: [gateway] worker: no such key"], [], []);
        ControlReply reload = (await rig.AskAsync(new ControlRequest(ControlCommand.Reload))).Reply!;
        Assert.False(reload.Ok);
        Assert.Equal(rig.Gateway.Reload.Errors, reload.Read<ReloadReport>()!.Errors);
    }

    [Fact]
    public async Task A_ban_that_meets_an_upgrade_may_be_asked_for_again()
    {
        await using ControlRig rig = ControlRig.Start();
        (rig.Gateway.Refusal, rig.Gateway.IsForNow) = ("an upgrade is under way", true);
        ControlExchange exchange = await rig.AskAsync(new ControlRequest(ControlCommand.Ban) { Address = "192.0.2.7" });
        Assert.Equal((false, true, rig.Gateway.Refusal), (exchange.Reply!.Ok, exchange.Reply.Again, exchange.Reply.Error));
        Assert.False((await rig.AskAsync(new ControlRequest(ControlCommand.Unban) { Address = "192.0.2.7" })).Reply!.Again);
    }

    [Theory]
    [InlineData("192.0.2.7/24", null, null, "is no address")]
    [InlineData("yunohost.example", null, null, "is no address")]
    [InlineData("192.0.2.7", "soon", null, "is not a duration")]
    [InlineData("192.0.2.7", "0s", null, "out of range")]
    [InlineData("192.0.2.7", null, "two\nlines", "one line of at most 200")]
    public async Task A_ban_that_makes_no_sense_does_not_reach_the_gateway(string address, string? duration, string? reason, string sentence)
    {
        await using ControlRig rig = ControlRig.Start();
        Assert.Contains(sentence, await RefusedAsync(rig, new ControlRequest(ControlCommand.Ban) { Address = address, For = duration, Reason = reason }), StringComparison.Ordinal);
        Assert.Empty(rig.Gateway.Asked);
    }

    [Fact]
    public async Task Several_requests_share_a_connection_in_one_write_or_byte_by_byte()
    {
        await using ControlRig rig = ControlRig.Start();
        using Socket client = rig.Connect();
        client.Send("{\"version\":1,\"command\":\"version\"}\n{\"version\":1,\"command\":\"halt\"}\n{\"version\":1,"u8);
        Assert.StartsWith("""{"version":1,"ok":true,"result":{""", ControlRig.Hear(client), StringComparison.Ordinal);
        Assert.StartsWith("""{"version":1,"ok":false,"error":"there is no such command""", ControlRig.Hear(client), StringComparison.Ordinal);
        foreach (byte one in "\"command\":\"close\",\"id\":7}"u8.ToArray())
            client.Send([one]);
        Assert.Equal("""{"version":1,"ok":true,"result":{}}""", ControlRig.Say(client, ""));
        client.Shutdown(SocketShutdown.Send);
        Assert.True(ControlRig.IsClosed(client));
    }

    [Fact]
    public async Task A_slow_change_holds_up_other_changes_and_nobody_who_looks()
    {
        await using ControlRig rig = ControlRig.Start();
        Task<ControlExchange> upgrade = rig.AskAsync(new ControlRequest(ControlCommand.Upgrade));
        await Eventually.IsTrueAsync(() => rig.Gateway.Asked.Contains("upgrade"), "the upgrade begins");
        Task<ControlExchange> close = rig.AskAsync(new ControlRequest(ControlCommand.Close) { Id = 1 });
        await Eventually.IsTrueAsync(() => rig.Server.Counters.Requests == 2, "the change is read");
        await DoneAsync(rig, new ControlRequest(ControlCommand.Status));
        Assert.DoesNotContain("close 1", rig.Gateway.Asked);
        Assert.False(close.IsCompleted);
        rig.Gateway.Upgrade.SetResult();
        Assert.True((await upgrade).Reply!.Ok);
        Assert.True((await close).Reply!.Ok);
    }

    [Fact]
    public async Task A_defect_behind_a_command_is_an_answer_and_a_message()
    {
        await using ControlRig rig = ControlRig.Start();
        rig.Gateway.IsFaulty = true;
        Assert.Contains("a fault on the gateway's side", await RefusedAsync(rig, new ControlRequest(ControlCommand.Status)), StringComparison.Ordinal);
        Assert.Contains(rig.Log.Lines, line => line.StartsWith("Error:", StringComparison.Ordinal) && line.EndsWith("InvalidCastException", StringComparison.Ordinal));
        rig.Gateway.IsFaulty = false;
        await DoneAsync(rig, new ControlRequest(ControlCommand.Status));
    }

    private static async Task<ControlReply> DoneAsync(ControlRig rig, ControlRequest request)
    {
        ControlExchange exchange = await rig.AskAsync(request);
        Assert.Null(exchange.Trouble);
        Assert.Null(exchange.Reply!.Error);
        Assert.True(exchange.Reply.Ok);
        return exchange.Reply;
    }

    private static async Task<string> RefusedAsync(ControlRig rig, ControlRequest request)
    {
        ControlExchange exchange = await rig.AskAsync(request);
        Assert.Null(exchange.Trouble);
        Assert.False(exchange.Reply!.Ok);
        return exchange.Reply.Error!;
    }
}
