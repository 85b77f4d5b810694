using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>The guide FastSni replaces: its own stream.conf, as a file to be explained and as a gateway to be driven.</summary>
public sealed class SeedTests
{
    private static string Example => Path.Combine(GatewayBinary.RepositoryRoot, "config", "examples", "yunohost-stream.ini");

    [Fact]
    public async Task The_example_is_sound() => (await FastSniCommand.RunAsync("check", "--config", Example)).AssertSuccess();

    [Theory]
    [InlineData("subdomain1.mydomain.org", "backend_a", "192.168.99.11:443")]
    [InlineData("subdomain2.mydomain.org", "backend_a", "192.168.99.11:443")]
    [InlineData("SubDomain2.MyDomain.org", "backend_a", "192.168.99.11:443")]
    [InlineData("myotherdomain.info", "backend_b", "192.168.99.12:443")]
    public async Task The_example_routes_as_the_guide_says(string name, string section, string backend)
    {
        ToolResult result = await FastSniCommand.RunAsync("explain", name, "--port", "443", "--config", Example);
        result.AssertSuccess();
        Assert.Contains($"passthrough:{section}", result.Output, StringComparison.Ordinal);
        Assert.Contains(backend, result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("subdomain.otherdomain.eu", "443", "offload:otherdomain", "https://192.168.99.20:443")]
    [InlineData("subdomain.otherdomain.eu", "80", "redirect", "https://subdomain.otherdomain.eu/")]
    [InlineData("subdomain1.mydomain.org", "80", "passthrough:backend_a", "http://192.168.99.11:80")]
    [InlineData("mydomain.org", "443", "offload", "404")]
    [InlineData("mydomain.org", "80", "reject", "404")]
    public async Task The_example_is_the_guides_other_servers_too(string name, string port, string route, string answer)
    {
        ToolResult result = await FastSniCommand.RunAsync("explain", name, "--port", port, "--config", Example);
        result.AssertSuccess();
        Assert.Contains(route, result.Output, StringComparison.Ordinal);
        Assert.Contains(answer, result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_guides_topology_works_on_loopback(int workers)
    {
        using TestBackend a = TestBackend.Start("backend_a"), b = TestBackend.Start("backend_b"), rest = TestBackend.Start("default_RP");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers)
            .Default("action", "passthrough:default_RP")
            .Default("no-name-action", "passthrough:default_RP")
            .Passthrough("backend_a", "subdomain1.mydomain.org, subdomain2.mydomain.org", a)
            .Passthrough("backend_b", "myotherdomain.info", b)
            .Passthrough("default_RP", null, rest));

        (string Name, string Backend)[] rows =
        [
            ("subdomain1.mydomain.org", "backend_a"), ("subdomain2.mydomain.org", "backend_a"), ("myotherdomain.info", "backend_b"),
            ("mydomain.org", "default_RP"), ("subdomain3.mydomain.org", "default_RP"), ("www.myotherdomain.info", "default_RP"),
            ("elsewhere.test", "default_RP"),
        ];
        foreach ((string name, string backend) in rows)
        {
            using TestClient client = await gateway.ConnectAsync();
            Assert.Equal($"{backend} {client.LocalEndPoint}", await client.AskAsync(name));
        }
        using TestClient nameless = await gateway.ConnectAsync();
        Assert.Equal($"default_RP {nameless.LocalEndPoint}", await nameless.AskAsync(HelloBytes.WithoutName()));
        Assert.Equal((2, 1, 5), (a.Accepted, b.Accepted, rest.Accepted));
    }
}
