using FastSni.Backends;
using FastSni.Config;
using FastSni.Http;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Http;

public class UpstreamTrustTests
{
    [Theory]
    [InlineData(false, "can't be read")]
    [InlineData(true, "holds no certificate")]
    public void A_CA_file_that_can_not_be_used_is_said_once_and_not_read_again(bool isThere, string reason)
    {
        string file = Path.GetTempFileName();
        if (!isThere)
            File.Delete(file);
        ListLog log = new();
        UpstreamTrust trust = new(log);
        using SocketLoops loops = new();
        using H2Links links = new(log, trust, loops);
        HttpRoute route = RouteTo(file);
        for (int i = 0; i < 3; i++)
        {
            Assert.Null(trust.Of(route));
            Assert.Empty(links.Of(route));
        }
        Assert.Equal([$"Error: offload:test: {file} of backend-verify {reason}; its requests are answered 502 until a reload"], log.Lines);
        Assert.Null(trust.Of(RouteTo(file)));
        Assert.Equal(2, log.Lines.Count);
        File.Delete(file);
    }

    [Fact]
    public void A_reload_makes_links_of_its_own()
    {
        ListLog log = new();
        using SocketLoops loops = new();
        using H2Links links = new(log, new UpstreamTrust(log), loops);
        HttpRoute before = RouteTo(null), after = RouteTo(null);
        Assert.Same(links.Of(before), links.Of(before));
        Assert.Single(links.Of(before));
        Assert.NotSame(links.Of(before)[0], links.Of(after)[0]);
    }

    private static HttpRoute RouteTo(string? caFile)
    {
        HttpBackendOptions options = new() { Scheme = HttpScheme.Https, Servers = [Setup.Server(1)], Verification = new BackendVerification(true, caFile) };
        OffloadSection section = new() { Name = "test", Index = 0, Backend = options, Tls = TlsIdentity.SelfSigned };
        Snapshot snapshot = new() { Gateway = new GatewayOptions(), Listeners = [], Sections = [section], Admin = new AdminOptions(Socket: null), Warnings = [] };
        return new HttpPlan(snapshot, new ServerRegistry(new ListLog()).Build(snapshot)).RouteOf(section)!;
    }
}
