using FastSni.Config;
using FastSni.Http;
using FastSni.Http80;
using FastSni.Tests.Http;
using Xunit;

namespace FastSni.Tests.Http80;

public sealed class ChallengeTests : IDisposable
{
    private const string Folder = "/.well-known/acme-challenge/";

    private readonly string _state = Directory.CreateTempSubdirectory("fastsni-acme-").FullName;

    public ChallengeTests()
    {
        Directory.CreateDirectory(_state + "/acme" + Folder);
        File.WriteAllText(_state + "/secret", "secret");
        Write("own-token_1", "own-token_1.key");
        Write(Folder + "webroot", "webroot.key");
    }

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Theory]
    [InlineData("GET", "own-token_1", "own-token_1.key")]
    [InlineData("HEAD", "own-token_1", "")]
    [InlineData("GET", "webroot", "webroot.key")]
    public async Task A_token_is_answered_from_both_layouts(string method, string token, string body)
    {
        (Exchange exchange, string answer) = await AskAsync(method, Folder + token);
        Assert.Equal((200, "acme", body), (exchange.Response.StatusCode, exchange.Route, answer));
        Assert.Equal("text/plain", exchange.Response.Headers.ContentType.ToString());
        Assert.Equal($"{token}.key".Length, exchange.Response.Headers.ContentLength);
    }

    [Theory]
    [InlineData("")]
    [InlineData("absent")]
    [InlineData("own-token_1/")]
    [InlineData("own-token_1?x")]
    [InlineData("own-token%5F1")]
    [InlineData("../../../secret")]
    [InlineData("..")]
    [InlineData("..%2F..%2Fsecret")]
    [InlineData("%2e%2e/secret")]
    [InlineData("/etc/passwd")]
    [InlineData(".well-known")]
    [InlineData("folder")]
    public async Task Everything_else_in_the_folder_is_404(string rest)
    {
        Directory.CreateDirectory(_state + "/acme/folder");
        (Exchange exchange, string answer) = await AskAsync("GET", Folder + rest);
        Assert.Equal((404, "acme", "404 Not Found\n"), (exchange.Response.StatusCode, exchange.Route, answer));
    }

    [Fact]
    public async Task Tokens_and_files_have_their_limits()
    {
        string longest = new('a', 128);
        Write(longest, new string('x', ChallengeEndpoint.FileBytesMax));
        Write(longest + "a", "x");
        Write("large", new string('x', ChallengeEndpoint.FileBytesMax + 1));
        Assert.Equal(ChallengeEndpoint.FileBytesMax, (await AskAsync("GET", Folder + longest)).Body.Length);
        Assert.Equal(404, (await AskAsync("GET", Folder + longest + "a")).Exchange.Response.StatusCode);
        Assert.Equal(404, (await AskAsync("GET", Folder + "large")).Exchange.Response.StatusCode);
    }

    [Fact]
    public async Task Challenges_are_only_read()
    {
        Exchange exchange = (await AskAsync("POST", Folder + "own-token_1")).Exchange;
        Assert.Equal((405, "GET, HEAD"), (exchange.Response.StatusCode, exchange.Response.Headers.Allow.ToString()));
    }

    [Theory]
    [InlineData("/.well-known/acme-challenge")]
    [InlineData("/.well-known/acme-challengex/own-token_1")]
    [InlineData("/.WELL-KNOWN/acme-challenge/own-token_1")]
    [InlineData("/x/.well-known/acme-challenge/own-token_1")]
    public async Task Other_paths_are_redirected(string target) => Assert.Equal("redirect", (await AskAsync("GET", target)).Exchange.Route);

    private void Write(string name, string text) => File.WriteAllText(Path.Join(_state, "acme", name), text);

    private async Task<(Exchange Exchange, string Body)> AskAsync(string method, string target)
    {
        Listener listener = Pieces.Listener(ListenMode.Http, RouteTable.Create(("app.example", 0)), RouteAction.Reject, 80);
        Snapshot snapshot = Pieces.Snapshot([Pieces.Offload(0, "app", Pieces.Shared)], listener) with { Gateway = new GatewayOptions { StateDirectory = _state } };
        RequestRig rig = new(snapshot, listener);
        Exchange exchange = rig.Begin(method, target, "app.example");
        await new PlainHandler(rig).HandleAsync(exchange);
        return (exchange, rig.Body);
    }
}
