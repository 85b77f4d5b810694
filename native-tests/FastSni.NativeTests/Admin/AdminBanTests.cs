using System.Net;
using System.Text.Json;
using FastSni.Config;
using Xunit;

namespace FastSni.NativeTests.Admin;

public sealed class AdminBanTests
{
    [Fact]
    public async Task A_ban_is_made_shown_and_taken_back()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        AdminReply made = await rig.SendAsync("POST", "/bans", """{"address": "203.0.113.7", "for": "1h", "reason": "ssh \"root\" é"}""");
        Assert.Equal(201, made.Status);
        Assert.Equal("application/json", made.ContentHeaders.ContentType!.ToString());
        JsonElement entry = JsonDocument.Parse(made.Body).RootElement;
        Assert.Equal("203.0.113.7", entry.GetProperty("address").GetString());
        Assert.Equal("ssh \"root\" é", entry.GetProperty("reason").GetString());
        Assert.Equal(TimeSpan.FromHours(1), entry.GetProperty("until").GetDateTimeOffset() - entry.GetProperty("since").GetDateTimeOffset());
        Assert.Equal([("203.0.113.7", TimeSpan.FromHours(1), "ssh \"root\" é")], rig.Bans.Asked);

        AdminReply list = await rig.SendAsync("GET", "/bans", token: null);
        Assert.Equal(200, list.Status);
        Assert.Equal(["198.51.100.0/24", "203.0.113.7"],
            JsonDocument.Parse(list.Body).RootElement.GetProperty("bans").EnumerateArray().Select(ban => ban.GetProperty("address").GetString()));
        Assert.Contains("""{"address":"198.51.100.0/24","reason":"the \"file\" <b>","since":"2026-11-23T10:15:30+01:00","until":null,"isFromFile":true}""", list.Body, StringComparison.Ordinal);

        AdminReply gone = await rig.SendAsync("DELETE", "/bans/203.0.113.7");
        Assert.Equal((204, ""), (gone.Status, gone.Body));
        Assert.Equal(404, (await rig.SendAsync("DELETE", "/bans/203.0.113.7")).Status);
        Assert.Contains(rig.Log.Lines, line => line.Contains("has banned 203.0.113.7", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_ban_that_meets_an_upgrade_may_be_asked_for_again()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        rig.Bans.IsFrozen = true;
        AdminReply refused = await rig.SendAsync("POST", "/bans", """{"address": "203.0.113.7"}""");
        Assert.Equal((503, "1"), (refused.Status, refused.Headers.RetryAfter!.ToString()));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "/bans/10.0.0.0/8")]
    [InlineData("10.0.0.0/8", "/bans/10.0.0.0%2f8")]
    [InlineData("2001:db8::/32", "/bans/2001:db8::/32")]
    [InlineData("2001:db8::/32", "/bans/2001%3Adb8%3A%3A%2F32")]
    [InlineData("2001:db8::7", "/bans/2001:DB8:0::7")]
    public async Task Prefixes_of_both_families_go_in_and_out(string prefix, string path)
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        Assert.Equal(201, (await rig.SendAsync("POST", "/bans", $$"""{"address": "{{prefix}}"}""")).Status);
        Assert.Equal([(prefix, null, "")], rig.Bans.Asked);
        Assert.Equal(204, (await rig.SendAsync("DELETE", path)).Status);
    }

    [Fact]
    public async Task What_the_list_refuses_is_told_in_its_words()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        AdminReply refused = await rig.SendAsync("POST", "/bans", """{"address": "127.0.0.1"}""");
        Assert.Equal((422, $$"""{"error":"{{FakeBans.Protected}}"}"""), (refused.Status, refused.Body));
        AdminReply fromFile = await rig.SendAsync("DELETE", "/bans/198.51.100.0/24");
        Assert.Equal((409, """{"error":"it stands in the file"}"""), (fromFile.Status, fromFile.Body));
    }

    [Theory]
    [InlineData("", "not a JSON object")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{\"address\": \"203.0.113.7\"", "not a JSON object")]
    [InlineData("{\"address\": \"203.0.113.7\"} {}", "not a JSON object")]
    [InlineData("{\"address\": \"203.0.113.7\", }", "not a JSON object")]
    [InlineData("{\"address\": \"203.0.113.7\", \"reason\": \"\\ud800\"}", "not a JSON object")]
    [InlineData("{}", "\\\"address\\\" is missing")]
    [InlineData("{\"address\": \"203.0.113.7\", \"address\": \"203.0.113.8\"}", "there twice")]
    [InlineData("{\"address\": \"203.0.113.7\", \"Reason\": \"x\"}", "not known")]
    [InlineData("{\"address\": 7}", "not a text in quotes")]
    [InlineData("{\"address\": null}", "not a text in quotes")]
    [InlineData("{\"address\": \"203.0.113.7/33\"}", "no address and no prefix")]
    [InlineData("{\"address\": \"203.0.113.7/24\"}", "no address and no prefix")]
    [InlineData("{\"address\": \"www.example.org\"}", "no address and no prefix")]
    [InlineData("{\"address\": \"203.0.113.7\", \"for\": \"60\"}", "has no unit")]
    [InlineData("{\"address\": \"203.0.113.7\", \"for\": \"0s\"}", "out of range")]
    [InlineData("{\"address\": \"203.0.113.7\", \"for\": \"-1s\"}", "not a duration")]
    [InlineData("{\"address\": \"203.0.113.7\", \"reason\": \"two\\nlines\"}", "control character")]
    [InlineData("{\"address\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}", "not a JSON object")]
    public async Task A_body_that_is_not_right_bans_nobody(string body, string problem)
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        AdminReply reply = await rig.SendAsync("POST", "/bans", body);
        Assert.Equal(400, reply.Status);
        Assert.Contains(problem, reply.Body, StringComparison.Ordinal);
        Assert.NotEmpty(JsonDocument.Parse(reply.Body).RootElement.GetProperty("error").GetString()!);
        Assert.Empty(rig.Bans.Asked);
    }

    [Theory]
    [InlineData("HEAD", "/", "GET")]
    [InlineData("POST", "/", "GET")]
    [InlineData("HEAD", "/bans", "GET, POST")]
    [InlineData("PUT", "/bans", "GET, POST")]
    [InlineData("OPTIONS", "/bans", "GET, POST")]
    [InlineData("GET", "/bans/203.0.113.7", "DELETE")]
    [InlineData("POST", "/bans/203.0.113.7", "DELETE")]
    public async Task Other_methods_are_answered_with_those_that_there_are(string method, string path, string allow)
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        AdminReply reply = await rig.SendAsync(method, path);
        Assert.Equal((405, allow), (reply.Status, string.Join(", ", reply.ContentHeaders.Allow)));
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/bansx")]
    [InlineData("/BANS")]
    [InlineData("/index.html")]
    public async Task There_is_nothing_else(string path)
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        Assert.Equal(404, (await rig.SendAsync("GET", path)).Status);
    }

    [Theory]
    [InlineData("/bans/")]
    [InlineData("/bans/x")]
    [InlineData("/bans/10.0.0.1/8")]
    [InlineData("/bans/10.0.0.0/8/8")]
    [InlineData("/bans/%5B::1%5D")]
    public async Task What_is_no_address_is_not_taken_back(string path)
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        Assert.Equal(400, (await rig.SendAsync("DELETE", path)).Status);
    }

    [Fact]
    public async Task The_page_names_what_there_is_and_no_answer_is_kept_guessed_or_lent_to_another_origin()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        AdminReply page = await rig.SendAsync("GET", "/", token: null);
        Assert.Equal((200, "text/plain; charset=utf-8"), (page.Status, page.ContentHeaders.ContentType!.ToString()));
        Assert.Contains("POST /bans", page.Body, StringComparison.Ordinal);
        AdminReply[] all =
        [
            page, await rig.SendAsync("GET", "/bans"), await rig.SendAsync("GET", "/x"), await rig.SendAsync("OPTIONS", "/bans"),
            await rig.SendAsync("POST", "/bans", "{}", token: "wrong"),
        ];
        Assert.All(all, reply =>
        {
            Assert.Equal("no-store", reply.Headers.CacheControl!.ToString());
            Assert.Equal(["nosniff"], reply.Headers.GetValues("X-Content-Type-Options"));
            Assert.DoesNotContain(reply.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase) || header.Key == "Server");
        });
    }

    [Fact]
    public async Task A_fault_is_one_answer_and_one_line()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        rig.Bans.Fault = new InvalidDataException("broken");
        AdminReply reply = await rig.SendAsync("POST", "/bans", """{"address": "203.0.113.7"}""");
        Assert.Equal(500, reply.Status);
        Assert.DoesNotContain("broken", reply.Body, StringComparison.Ordinal);
        Assert.Single(rig.Log.Lines, line => line.Contains(nameof(InvalidDataException), StringComparison.Ordinal));
        Assert.Equal(200, (await rig.SendAsync("GET", "/bans")).Status);
    }

    [Fact]
    public async Task A_third_reader_of_the_list_comes_again()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        rig.Bans.ListGate = new SemaphoreSlim(0);
        Task<AdminReply>[] readers = [rig.SendAsync("GET", "/bans"), rig.SendAsync("GET", "/bans")];
        await Support.Eventually.IsTrueAsync(() => Volatile.Read(ref rig.Bans.ListsAsked) == 2, "two read the list");
        AdminReply third = await rig.SendAsync("GET", "/bans");
        Assert.Equal((503, "1"), (third.Status, third.Headers.RetryAfter!.ToString()));
        rig.Bans.ListGate.Release(3);
        Assert.All(await Task.WhenAll(readers), reply => Assert.Equal(200, reply.Status));
        Assert.Equal(200, (await rig.SendAsync("GET", "/bans")).Status);
    }

    [SkippableFact]
    public async Task It_is_served_over_IPv6_too()
    {
        Skip.IfNot(System.Net.Sockets.Socket.OSSupportsIPv6, "this machine has no IPv6");
        await using AdminRig rig = await AdminRig.StartAsync();
        ListenEndpoint v6 = new(IPAddress.IPv6Loopback, Random.Shared.Next(20_000, 30_000));
        Assert.Empty(await rig.ApplyAsync(rig.Options with { Endpoints = [rig.Endpoint, v6] }));
        Assert.Equal(201, (await rig.SendAsync("POST", "/bans", """{"address": "2001:db8::7"}""", client: rig.ClientFrom(IPAddress.IPv6Loopback, v6))).Status);
    }
}
