using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>Which section answers, and what the gateway adds to its answers.</summary>
public sealed class SiteTests : IDisposable
{
    private const string Name = "app.home.test";

    private readonly IssuedCertificate _certificate = TestCertificates.Shared.Authority.Issue(Name);
    private readonly HttpBackend _root = HttpBackend.Start("root"), _shop = HttpBackend.Start("shop"), _basket = HttpBackend.Start("basket");

    public void Dispose()
    {
        _root.Dispose();
        _shop.Dispose();
        _basket.Dispose();
    }

    [Theory]
    [InlineData("/", "root /")]
    [InlineData("/shops", "root /shops")]
    [InlineData("/shop", "shop /shop")]
    [InlineData("/shop/", "shop /shop/")]
    [InlineData("/shop/basketful", "shop /shop/basketful")]
    [InlineData("/shop/basket?n=1", "basket /shop/basket?n=1")]
    [InlineData("/shop/basket/a/b", "basket /shop/basket/a/b")]
    [InlineData("/SHOP", "root /SHOP")]
    public async Task The_longest_path_decides_by_whole_segments_and_is_not_stripped(string target, string answer)
    {
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https()
            .Offload("root", Name, _root, _certificate)
            .Offload("shop", Name, _shop, null, ("path", "/shop"))
            .Offload("basket", Name, _basket, null, ("path", "/shop/basket")));
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        Assert.Equal(answer + "\n", (await client.GetAsync(Name, target)).Text);
    }

    [Theory]
    [InlineData("/other")]
    [InlineData("/")]
    public async Task A_path_that_no_section_has_gets_a_plain_404_and_reaches_nobody(string target)
    {
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Offload("shop", Name, _shop, _certificate, ("path", "/shop")));
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        HttpAnswer answer = await client.GetAsync(Name, target);
        Assert.Equal(404, answer.Status);
        Assert.InRange(answer.Body.Length, 0, 1024);
        Assert.Equal("shop /shop\n", (await client.GetAsync(Name, "/shop")).Text);
        Assert.Single(_shop.Requests);
        RequestLogLine line = (await gateway.AccessLog.RequestsOfAsync(client.LocalEndPoint, 2))[0];
        Assert.Equal(("reject", "-", (int?)404, target), (line.Route, line.Backend, line.Status, line.Path));
    }

    [Theory]
    [InlineData("/shop/../admin")]
    [InlineData("/shop/%2e%2e/admin")]
    [InlineData("/%73hop/..%2fadmin")]
    public async Task A_path_cannot_leave_its_section_by_the_backends_reading(string target)
    {
        using HttpBackend admin = HttpBackend.Start("admin");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https()
            .Offload("shop", Name, _shop, _certificate, ("path", "/shop")).Offload("admin", Name, admin, null, ("path", "/admin")));
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        HttpAnswer answer = await client.GetAsync(Name, target);
        Assert.Empty(_shop.Requests);
        Assert.True(answer.Status == 400 || answer.Text.StartsWith("admin ", StringComparison.Ordinal), answer.Head.Raw + answer.Text);
    }

    [Fact]
    public async Task Header_and_hsts_are_added_to_the_answer_and_replace_the_backends_own()
    {
        using HttpBackend backend = HttpBackend.Start("app", call => call.AnswerAsync(
            "words", 200, ("X-Frame-Options", "ALLOWALL"), ("Strict-Transport-Security", "max-age=1"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")));
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Offload(
            "app", Name, backend, _certificate,
            ("hsts", "90d"), ("header.X-Frame-Options", "DENY"), ("header.Content-Security-Policy", "\"script-src 'self'; object-src 'self'\"")));
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        HttpHead head = (await client.GetAsync(Name)).Head;
        Assert.Equal("DENY", head.Value("X-Frame-Options"));
        Assert.Equal("script-src 'self'; object-src 'self'", head.Value("Content-Security-Policy"));
        Assert.StartsWith("max-age=7776000", head.Value("Strict-Transport-Security"), StringComparison.Ordinal);
        Assert.Equal(["a=1", "b=2"], head.Values("Set-Cookie"));
    }

    [Fact]
    public async Task Requests_of_one_connection_are_answered_one_after_another_and_logged_one_by_one()
    {
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Offload("root", Name, _root, _certificate));
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        await client.SendAsync(string.Concat(Enumerable.Range(0, 20).Select(number => $"GET /n{number} HTTP/1.1\r\nHost: {Name}\r\n\r\n")));
        for (int number = 0; number < 20; number++)
            Assert.Equal($"root /n{number}\n", (await client.ReadAsync()).Text);
        IReadOnlyList<RequestLogLine> lines = await gateway.AccessLog.RequestsOfAsync(client.LocalEndPoint, 20);
        Assert.Equal(Enumerable.Range(0, 20).Select(number => $"/n{number}"), lines.Select(line => line.Path));
        Assert.InRange(_root.Connections, 1, 20);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: app.home.test\r\nConnection: close\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\nHost: app.home.test\r\n\r\n")]
    public async Task A_connection_that_is_not_kept_alive_ends_in_order_behind_the_answer(string request)
    {
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Offload("root", Name, _root, _certificate));
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
        Assert.Equal("root /\n", (await client.AskAsync(request)).Text);
        Assert.True(await client.EndsAsync());
        Assert.Equal(Ending.Fin, (await client.Socket.ReceiveToEndAsync()).Ending);
    }
}
