using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>http-01 challenges (RFC 8555 8.3) and acme-tls/1 hellos: each to whoever has the name.</summary>
public sealed class ChallengeTests
{
    private const string Folder = "/.well-known/acme-challenge/", Token = "Ab-_0123456789";

    [Fact]
    public async Task A_challenge_for_a_passthrough_name_is_its_backends()
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await StartAsync(backend);
        Assert.Equal((200, backend.Name), await AnswerAsync(gateway, HttpRooms.PlainName, Folder + Token));
        Assert.Equal(Folder + Token, Assert.Single(backend.Requests).Target);
    }

    [Theory]
    [InlineData("acme")]
    [InlineData("acme/.well-known/acme-challenge")]
    public async Task A_challenge_for_an_offloaded_name_is_the_file_of_the_token(string folder)
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await StartAsync(backend);
        string longest = new('x', 128);
        Write(gateway, folder, Token, "the key");
        Write(gateway, folder, longest, "the longest");
        Assert.Equal((200, "the key"), await AnswerAsync(gateway, HttpRooms.SiteName, Folder + Token));
        Assert.Equal((200, "the longest"), await AnswerAsync(gateway, HttpRooms.SiteName, Folder + longest));
        using WireClient client = await gateway.EnterAsync(HttpRoom.Plain);
        WireResponse head = await client.AskAsync($"HEAD {Folder}{Token} HTTP/1.1\r\nHost: {HttpRooms.SiteName}\r\n\r\n");
        Assert.Equal((200, "7"), (head.Status, head["content-length"]));
        WireResponse post = await client.AskAsync($"POST {Folder}{Token} HTTP/1.1\r\nHost: {HttpRooms.SiteName}\r\nContent-Length: 2\r\n\r\nhi");
        Assert.Equal((405, null), (post.Status, post["location"]));
        Assert.Empty(backend.Requests);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("")]
    [InlineData("..%2fsecret")]
    [InlineData("..%2Fsecret")]
    [InlineData("%2e%2e/secret")]
    [InlineData("../secret")]
    [InlineData("../../../secret")]
    [InlineData("..\\secret")]
    [InlineData("Ab-_0123456789/")]
    [InlineData("Ab-_0123456789%00")]
    [InlineData("Ab-_0123456789?x")]
    [InlineData("Ab-_0123456789.txt")]
    [InlineData("./Ab-_0123456789")]
    [InlineData("folder")]
    [InlineData("folder/inner")]
    [InlineData("%41b-_0123456789")]
    public async Task What_is_no_token_is_not_found_and_leads_nowhere(string token)
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await StartAsync(backend);
        Write(gateway, "", "secret", "a secret");
        Write(gateway, "acme", Token, "the key");
        Write(gateway, "acme", Token + ".txt", "a secret");
        Write(gateway, "acme/folder", "inner", "a secret");
        using WireClient client = await gateway.EnterAsync(HttpRoom.Plain);
        WireResponse response = await client.GetAsync(HttpRooms.SiteName, Folder + token);
        Assert.True(response.Status is 404 or 400, $"{response.Status} {response.Text}");
        Assert.Null(response["location"]);
        Assert.DoesNotContain("secret", response.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_129_characters_is_not_found()
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await StartAsync(backend);
        string token = new('x', 129);
        Write(gateway, "acme", token, "a secret");
        Assert.Equal(404, (await AnswerAsync(gateway, HttpRooms.SiteName, Folder + token)).Status);
    }

    [Fact]
    public async Task A_challenge_for_nobodys_name_is_not_answered_with_the_file()
    {
        using WireBackend backend = WireBackend.Start();
        await using Gateway gateway = await StartAsync(backend);
        Write(gateway, "acme", Token, "the key");
        Assert.Equal(404, (await AnswerAsync(gateway, "evil.test", Folder + Token)).Status);
    }

    [Fact]
    public async Task A_hello_for_acme_tls_goes_where_its_name_goes()
    {
        using TestBackend backend = TestBackend.Start("owner");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("owner", "owner.home.test", backend));
        using TestClient client = await gateway.ConnectAsync();
        Assert.Equal($"owner {client.LocalEndPoint}", await client.AskAsync(HelloBytes.For("owner.home.test", "acme-tls/1")));
    }

    private static async Task<(int Status, string Text)> AnswerAsync(Gateway gateway, string host, string path)
    {
        using WireClient client = await gateway.EnterAsync(HttpRoom.Plain);
        WireResponse response = await client.GetAsync(host, path);
        Assert.Null(response["location"]);
        return (response.Status, response.Text);
    }

    private static void Write(Gateway gateway, string folder, string name, string text)
    {
        string path = Path.Combine(gateway.Directory, "state", folder);
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, name), text);
    }

    private static Task<Gateway> StartAsync(WireBackend backend) => Gateway.StartAsync(HttpRooms.Bare()
        .Site("site", HttpRooms.SiteName, backend.Url)
        .Passthrough("plain", HttpRooms.PlainName, Loopback.Next(AddressFamily.InterNetwork).ToString(), ("http-backend", backend.Address)));
}
