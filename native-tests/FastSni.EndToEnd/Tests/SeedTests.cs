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
    [InlineData("mydomain.org", "default_RP", "127.0.0.1:8443")]
    [InlineData("subdomain.otherdomain.eu", "default_RP", "127.0.0.1:8443")]
    public async Task The_example_routes_as_the_guide_says(string name, string section, string backend)
    {
        ToolResult result = await FastSniCommand.RunAsync("explain", name, "--port", "443", "--config", Example);
        result.AssertSuccess();
        Assert.Contains($"passthrough:{section}", result.Output, StringComparison.Ordinal);
        Assert.Contains(backend, result.Output, StringComparison.Ordinal);
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
