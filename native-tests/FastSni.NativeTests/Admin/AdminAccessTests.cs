using System.Net;
using System.Net.Sockets;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Admin;

public sealed class AdminAccessTests
{
    private const string Ban = """{"address": "203.0.113.7"}""";

    [Fact]
    public async Task Who_is_not_allowed_is_cut_off_before_a_byte_is_answered()
    {
        await using AdminRig rig = await AdminRig.StartAsync("127.0.0.2", "127.3.0.0/16");
        await Assert.ThrowsAsync<HttpRequestException>(() => rig.SendAsync("GET", "/"));
        await Assert.ThrowsAsync<HttpRequestException>(() => rig.SendAsync("GET", "/"));
        Assert.True(rig.Server.Counters.PeersRefused >= 2);
        Assert.Single(rig.Log.Lines, line => line.Contains("not in [admin] allow", StringComparison.Ordinal));
        Assert.Equal(200, (await rig.SendAsync("GET", "/", client: rig.ClientFrom(IPAddress.Parse("127.0.0.2")))).Status);
        Assert.Equal(200, (await rig.SendAsync("GET", "/", client: rig.ClientFrom(IPAddress.Parse("127.3.4.5")))).Status);
    }

    [Fact]
    public async Task Who_is_allowed_no_longer_is_cut_off_on_an_open_connection_too()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        HttpClient client = rig.ClientFrom(IPAddress.Loopback);
        Assert.Equal(200, (await rig.SendAsync("GET", "/", client: client)).Status);
        await rig.ApplyAsync(rig.Options with { Allow = [AdminRig.Prefix("127.0.0.2")] });
        await Assert.ThrowsAsync<HttpRequestException>(() => rig.SendAsync("GET", "/", client: client));
    }

    [Fact]
    public async Task A_connection_too_many_is_cut_off_until_another_ends()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        List<NetworkStream> held = [];
        for (int i = 0; i < 32; i++)
            held.Add(await rig.ConnectAsync());
        await Eventually.IsTrueAsync(() => rig.Server.Counters.ConnectionsRefused > 0 || IsCutOff(rig), "the connection that is one too many");
        held.ForEach(stream => stream.Dispose());
        int status = 0;
        for (int attempt = 0; status != 200 && attempt < 1000; attempt++)
        {
            try
            {
                status = (await rig.SendAsync("GET", "/")).Status;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(5);
            }
        }
        Assert.Equal(200, status);
    }

    [Fact]
    public async Task Silent_strangers_do_not_keep_out_who_has_shown_the_token()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        HttpClient known = rig.ClientFrom(IPAddress.Parse("127.0.0.9"));
        known.DefaultRequestHeaders.ConnectionClose = true;
        Assert.Equal(201, (await rig.SendAsync("POST", "/bans", Ban, client: known)).Status);
        List<Socket> silent = [];
        for (int i = 0; i < 48; i++)
        {
            Socket one = Loopback.NewSocket();
            one.Bind(new IPEndPoint(new IPAddress([127, 0, 1, (byte)(1 + i / 12)]), 0));
            await one.ConnectAsync(new IPEndPoint(rig.Endpoint.Address, rig.Endpoint.Port));
            silent.Add(one);
        }
        await Eventually.IsTrueAsync(() => rig.Server.Counters.ConnectionsRefused == 24, "strangers have 24 places");
        Assert.Equal(204, (await rig.SendAsync("DELETE", "/bans/203.0.113.7", client: known)).Status);
        silent.ForEach(one => one.Dispose());
    }

    [Fact]
    public async Task One_address_has_sixteen_places()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        List<NetworkStream> held = [];
        for (int i = 0; i < 17; i++)
            held.Add(await rig.ConnectAsync());
        await Eventually.IsTrueAsync(() => rig.Server.Counters.ConnectionsRefused == 1, "one too many");
        Assert.Equal(200, (await rig.SendAsync("GET", "/", client: rig.ClientFrom(IPAddress.Parse("127.0.0.9")))).Status);
        held.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task A_change_needs_the_token()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        AdminReply without = await rig.SendAsync("POST", "/bans", Ban, token: null);
        Assert.Equal((401, "Bearer"), (without.Status, without.Headers.WwwAuthenticate.ToString()));
        AdminReply wrong = await rig.SendAsync("DELETE", "/bans/203.0.113.7", token: AdminRig.Token + "x");
        Assert.Equal((401, "Bearer"), (wrong.Status, wrong.Headers.WwwAuthenticate.ToString()));
        HttpClient basic = rig.ClientFrom(IPAddress.Loopback);
        basic.DefaultRequestHeaders.Add("Authorization", "Basic " + AdminRig.Token);
        Assert.Equal(401, (await rig.SendAsync("POST", "/bans", Ban, token: null, client: basic)).Status);
        Assert.Empty(rig.Bans.Asked);
        Assert.Equal(1, rig.Server.Counters.TokensWrong);
    }

    [Fact]
    public async Task Without_a_token_file_the_address_is_read_only_and_says_how_to_change_that()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        await rig.ApplyAsync(rig.Options with { TokenFile = null });
        AdminReply refused = await rig.SendAsync("POST", "/bans", Ban);
        Assert.Equal(403, refused.Status);
        Assert.Contains("[admin] token-file", refused.Body, StringComparison.Ordinal);
        Assert.Equal(200, (await rig.SendAsync("GET", "/bans", token: null)).Status);
    }

    [Fact]
    public async Task A_new_token_holds_without_a_reload()
    {
        const string Next = "another-token-of-good-length";
        await using AdminRig rig = await AdminRig.StartAsync();
        Assert.Equal(201, (await rig.SendAsync("POST", "/bans", Ban)).Status);
        await File.WriteAllTextAsync(rig.TokenPath + ".new", $"{Next}\r\n");
        File.Move(rig.TokenPath + ".new", rig.TokenPath, overwrite: true);
        Assert.Equal(401, (await rig.SendAsync("POST", "/bans", Ban)).Status);
        Assert.Equal(201, (await rig.SendAsync("POST", "/bans", Ban, Next)).Status);
    }

    [Theory]
    [InlineData(null, "there is no such file")]
    [InlineData("", "is empty")]
    [InlineData("\n", "is empty")]
    [InlineData("short", "write at least 16")]
    [InlineData("two words of some length", "without blanks")]
    [InlineData("ümlauts-are-no-token-characters", "letters, digits")]
    public async Task A_token_file_that_is_no_good_allows_nothing(string? content, string problem)
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        File.Delete(rig.TokenPath);
        if (content is not null)
            await File.WriteAllTextAsync(rig.TokenPath, content);
        AdminReply refused = await rig.SendAsync("POST", "/bans", Ban, token: content?.Trim() is { Length: > 0 } token && char.IsAscii(token[0]) ? token : "x");
        Assert.Equal(403, refused.Status);
        Assert.Contains(problem, refused.Body, StringComparison.Ordinal);
        Assert.Single(rig.Log.Lines, line => line.StartsWith("Warning: ", StringComparison.Ordinal) && line.Contains(problem, StringComparison.Ordinal));
        await File.WriteAllTextAsync(rig.TokenPath, new string('t', 1025));
        Assert.Equal(403, (await rig.SendAsync("POST", "/bans", Ban, new string('t', 1025))).Status);
        await File.WriteAllTextAsync(rig.TokenPath, new string('t', 1024));
        Assert.Equal(201, (await rig.SendAsync("POST", "/bans", Ban, new string('t', 1024))).Status);
    }

    [Fact]
    public async Task After_five_wrong_tokens_a_peer_must_wait_even_with_the_right_one_and_others_need_not()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        AdminReply[] guesses = await Task.WhenAll(Enumerable.Range(0, 12).Select(guess => rig.SendAsync("POST", "/bans", Ban, $"guess-number-{guess}-of-many")));
        Assert.Equal(5, guesses.Count(reply => reply.Status == 401));
        Assert.Equal(7, guesses.Count(reply => reply.Status == 429));
        AdminReply right = await rig.SendAsync("POST", "/bans", Ban);
        Assert.Equal(429, right.Status);
        Assert.InRange(int.Parse(right.Headers.GetValues("Retry-After").Single(), System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        Assert.Empty(rig.Bans.Asked);
        Assert.Equal((5L, 8L), (rig.Server.Counters.TokensWrong, rig.Server.Counters.AttemptsLimited));
        Assert.Equal(200, (await rig.SendAsync("GET", "/bans", token: null)).Status);
        Assert.Equal(201, (await rig.SendAsync("POST", "/bans", Ban, client: rig.ClientFrom(IPAddress.Parse("127.0.0.9")))).Status);
    }

    private static bool IsCutOff(AdminRig rig)
    {
        using Socket socket = Loopback.NewSocket();
        socket.Connect(rig.Endpoint.Address, rig.Endpoint.Port);
        return rig.Server.Counters.ConnectionsRefused > 0;
    }
}
