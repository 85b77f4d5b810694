using System.Net;
using System.Text.Json;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Operations;

/// <summary>`[admin] address` of the running program, asked with curl.</summary>
public sealed class AdminAddressTests : IDisposable
{
    private const string Token = "correct-horse-battery-staple", Bad = "203.0.113.7";

    private readonly string _folder = Directory.CreateTempSubdirectory("fastsni-e2e-admin-").FullName;
    private readonly TestBackend _backend = TestBackend.Start("a");
    private readonly IPEndPoint _address = Loopback.NextV4();

    private string TokenFile => Path.Combine(_folder, "token");

    private string HeaderFile => Path.Combine(_folder, "token.header");

    private string Url => $"http://{_address}";

    public void Dispose()
    {
        _backend.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [SkippableFact]
    public async Task Bans_are_seen_made_and_taken_back()
    {
        string list = Path.Combine(_folder, "bans.txt");
        await File.WriteAllTextAsync(list, "198.51.100.0/24\n");
        await using Gateway gateway = await StartAsync(config => config.Set("bans", "file", list).Set("bans", "never", "192.0.2.0/24"));
        Assert.True(await gateway.ServesAsync(Bad));
        (TestClient open, IPEndPoint seen) = await gateway.EnterAsync(Bad, HelloBytes.For(ProxyDoor.Name));
        await open.ReceiveLineAsync();
        (int status, string body) = await ChangeAsync("POST", "/bans", $$"""{"address": "{{Bad}}", "for": "1h", "reason": "by curl"}""");
        Assert.Equal(201, status);
        Assert.Contains(Bad, body, StringComparison.Ordinal);
        Assert.NotEqual(Ending.Open, (await open.ReceiveToEndAsync()).Ending);
        open.Dispose();
        Assert.Equal("banned", await gateway.AccessLog.EndOfAsync(seen));
        Assert.False(await gateway.ServesAsync(Bad));

        using (JsonDocument bans = JsonDocument.Parse((await AdminCurl.AskAsync($"{Url}/bans")).Body))
            Assert.Equal([(Bad, "by curl", false), ("198.51.100.0/24", "", true)], bans.RootElement.GetProperty("bans").EnumerateArray().Select(
                ban => (ban.GetProperty("address").GetString()!, ban.GetProperty("isFromFile").GetBoolean() ? "" : ban.GetProperty("reason").GetString()!, ban.GetProperty("isFromFile").GetBoolean())));
        Assert.Equal(200, (await AdminCurl.AskAsync(Url)).Status);
        Assert.Equal(204, (await ChangeAsync("DELETE", $"/bans/{Bad}")).Status);
        Assert.True(await gateway.ServesAsync(Bad));
        Assert.Equal(404, (await ChangeAsync("DELETE", $"/bans/{Bad}")).Status);
        Assert.Equal(409, (await ChangeAsync("DELETE", "/bans/198.51.100.0/24")).Status);
        Assert.Equal(201, (await ChangeAsync("POST", "/bans", """{"address": "2001:db8:5::/48"}""")).Status);
        Assert.False(await gateway.ServesAsync("2001:db8:5::1"));
        Assert.Equal(204, (await ChangeAsync("DELETE", "/bans/2001:db8:5::/48")).Status);
        foreach (string never in new[] { "127.0.0.1", "192.0.2.9", "0.0.0.0/0" })
            Assert.Equal(422, (await ChangeAsync("POST", "/bans", $$"""{"address": "{{never}}"}""")).Status);
        foreach (string wrong in new[] { "", "{}", "[]", """{"address": "x"}""", """{"address": "192.0.3.1", "for": "soon"}""", $$"""{"address": "192.0.3.1", "reason": "{{new string('x', 201)}}"}""" })
            Assert.Equal(400, (await ChangeAsync("POST", "/bans", wrong)).Status);
        Assert.Equal(413, (await ChangeAsync("POST", "/bans", new string(' ', 9000))).Status);
        Assert.Equal(405, (await ChangeAsync("PUT", "/bans", "{}")).Status);
        Assert.Equal(404, (await AdminCurl.AskAsync($"{Url}/status")).Status);
    }

    [SkippableFact]
    public async Task Wrong_tokens_are_limited_and_a_new_token_holds_at_once()
    {
        await using Gateway gateway = await StartAsync();
        const string Ban = """{"address": "203.0.113.7"}""";
        string[] own = ["--interface", "127.0.0.1"];
        Assert.Equal(401, (await AdminCurl.AskAsync($"{Url}/bans", [.. own, "--data-binary", Ban])).Status);
        for (int guess = 0; guess < 5; guess++)
            Assert.Equal(401, (await AdminCurl.AskAsync($"{Url}/bans", [.. own, "--data-binary", Ban, "--header", $"Authorization: Bearer wrong-guess-number-{guess}"])).Status);
        (int limited, string headers) = await AdminCurl.AskAsync($"{Url}/bans", [.. own, "--include", "--data-binary", Ban, "--header", $"@{HeaderFile}"]);
        Assert.Equal(429, limited);
        Assert.Contains("Retry-After: ", headers, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(200, (await AdminCurl.AskAsync($"{Url}/bans", own)).Status);
        Assert.Empty((await gateway.LookAsync("bans")).GetProperty("bans").EnumerateArray());
        // Others need not wait.
        Assert.Equal(201, (await ChangeAsync("POST", "/bans", Ban)).Status);

        const string Next = "another-token-of-good-length";
        await File.WriteAllTextAsync(TokenFile + ".new", Next + "\n");
        File.Move(TokenFile + ".new", TokenFile, overwrite: true);
        Assert.Equal(401, (await ChangeAsync("DELETE", $"/bans/{Bad}")).Status);
        await File.WriteAllTextAsync(HeaderFile, $"Authorization: Bearer {Next}\n");
        Assert.Equal(204, (await ChangeAsync("DELETE", $"/bans/{Bad}")).Status);
        await File.WriteAllTextAsync(TokenFile, "short\n");
        Assert.Equal(403, (await ChangeAsync("POST", "/bans", Ban)).Status);
        await gateway.Log.LineWithAsync("of [admin] token-file: a token of 5 characters is soon guessed");
        Assert.DoesNotContain(gateway.Log.Lines, line => line.Contains(Next, StringComparison.Ordinal) || line.Contains(Token, StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_reload_moves_the_address_changes_who_may_come_and_closes_it()
    {
        GatewayConfig? config = null;
        await using Gateway gateway = await StartAsync(fresh => config = fresh);
        Assert.Equal(200, (await AdminCurl.AskAsync($"{Url}/bans")).Status);
        async Task ReloadAsync()
        {
            await File.WriteAllTextAsync(gateway.ConfigPath, config!.Text(gateway.Directory));
            await gateway.OrderAsync("reload");
        }
        IPEndPoint other = Loopback.NextV4();
        config!.Set("admin", "address", other.ToString()).Set("admin", "allow", "127.0.0.9, 127.3.0.0/16");
        await ReloadAsync();
        Assert.Equal(0, (await AdminCurl.AskAsync($"{Url}/bans")).Status);
        Assert.Equal(0, (await AdminCurl.AskAsync($"http://{other}/bans", "--interface", "127.0.0.8")).Status);
        foreach (string allowed in new[] { "127.0.0.9", "127.3.4.5" })
            Assert.Equal(200, (await AdminCurl.AskAsync($"http://{other}/bans", "--interface", allowed)).Status);
        Assert.True((await gateway.LookAsync("status")).GetProperty("counters").GetProperty("admin-peers-refused").GetInt32() > 0);

        // An address that somebody else has: the rest of the file is in force, and the answer says what is not.
        using TestBackend occupant = TestBackend.Start("occupant");
        config.Set("admin", "address", occupant.Address).Passthrough("b", "b.home.test", _backend);
        await File.WriteAllTextAsync(gateway.ConfigPath, config.Text(gateway.Directory));
        ToolResult taken = await gateway.CommandAsync("reload");
        Assert.True(taken.ExitCode == 0 && taken.Error.Contains($"[admin] address: {occupant.Address} can't be opened", StringComparison.Ordinal), $"{taken}");
        config.Set("admin", "address", _address.ToString()).Set("admin", "allow", "127.0.0.0/8");
        await ReloadAsync();
        Assert.Equal(200, (await AdminCurl.AskAsync($"{Url}/bans")).Status);
        config.Without("admin").Set("admin", "socket", ControlPeer.PathOf(gateway));
        await ReloadAsync();
        Assert.Equal(0, (await AdminCurl.AskAsync($"{Url}/bans")).Status);
    }

    private async Task<Gateway> StartAsync(Action<GatewayConfig>? more = null)
    {
        await File.WriteAllTextAsync(TokenFile, Token + "\n");
        await File.WriteAllTextAsync(HeaderFile, $"Authorization: Bearer {Token}\n");
        GatewayConfig config = ProxyDoor.Config(_backend).Set("admin", "address", _address.ToString()).Set("admin", "token-file", TokenFile);
        more?.Invoke(config);
        return await Gateway.StartAsync(config);
    }

    private Task<(int Status, string Body)> ChangeAsync(string method, string path, string? body = null) => AdminCurl.AskAsync(
        Url + path, ["--request", method, "--header", $"@{HeaderFile}", "--interface", "127.0.0.2", .. body is null ? Array.Empty<string>() : ["--data-binary", body]]);
}
