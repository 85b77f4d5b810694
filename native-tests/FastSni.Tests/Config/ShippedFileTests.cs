using System.Text;
using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

/// <summary>The files an operator starts from are whole, and do what they say.</summary>
public class ShippedFileTests
{
    [Theory]
    [InlineData("fastsni.ini")]
    [InlineData("examples/yunohost-stream.ini")]
    [InlineData("examples/mail.ini")]
    [InlineData("examples/hosting.ini")]
    public void A_shipped_file_has_no_error_and_no_warning(string file) => Assert.Empty(Load(file).Warnings);

    [Fact]
    public void The_shipped_file_changes_no_default()
    {
        Snapshot snapshot = Load("fastsni.ini");
        Assert.Equal(new GatewayOptions(), snapshot.Gateway);
        Assert.Equal(["https", "http"], snapshot.Listeners.Select(listener => listener.Name));
        Assert.All(snapshot.Listeners, listener => Assert.Same(RouteAction.Offload, listener.UnknownName));
        Assert.Empty(snapshot.Sections);
    }

    [Fact]
    public void Everything_commented_out_in_the_shipped_file_is_right_too()
    {
        // What is prose has a blank behind the semicolon; what is configuration has none.
        string text = string.Join('\n', File.ReadAllLines(Shipped("fastsni.ini")).Select(line => line is [';', not ' ', ..] ? line[1..] : line));
        Snapshot snapshot = ConfigFolder.SnapshotOf(text + "\n");
        Assert.Equal(new GatewayOptions(), snapshot.Gateway);
        Assert.Equal(["https", "http", "smtp"], snapshot.Listeners.Select(listener => listener.Name));
        Assert.Equal(["passthrough:yunohost", "offload:app"], snapshot.Sections.Select(section => section.Label));
        Assert.Equal(AcceptProxy.Accept, snapshot.Listeners[0].AcceptProxy);
        Assert.Equal(("192.168.0.0/16", "127.0.0.1:9180"), (snapshot.Bans.Never.Single().ToString(), snapshot.Admin.Endpoints.Single().ToString()));
    }

    [Theory]
    [InlineData("subdomain1.mydomain.org", "192.168.99.11")]
    [InlineData("subdomain2.mydomain.org", "192.168.99.11")]
    [InlineData("myotherdomain.info", "192.168.99.12")]
    public void The_stream_example_forwards_both_ports_as_the_map_and_its_sites_did(string name, string host)
    {
        Snapshot snapshot = Load("examples/yunohost-stream.ini");
        Assert.Equal(["192.168.99.1:443", "192.168.99.1:80"], snapshot.Listeners.Select(listener => Assert.Single(listener.Endpoints).ToString()));
        Assert.All(snapshot.Listeners, listener =>
        {
            PassthroughSection section = (PassthroughSection)SectionOf(snapshot, listener, name)!;
            Assert.Equal(($"{host}:443", ProxyProtocol.V1), (section.Backend.Servers.Single().Text, section.Backend.ProxyProtocol));
            Assert.Equal($"{host}:80", section.HttpBackend!.Servers.Single().Text);
        });
    }

    [Fact]
    public void The_stream_example_offloads_the_rest()
    {
        Snapshot snapshot = Load("examples/yunohost-stream.ini");
        (Listener https, Listener http) = (snapshot.Listeners[0], snapshot.Listeners[1]);
        OffloadSection site = (OffloadSection)SectionOf(snapshot, https, "subdomain.otherdomain.eu")!;
        Assert.Same(site, SectionOf(snapshot, http, "subdomain.otherdomain.eu"));
        Assert.Equal(("192.168.99.20:443", HttpScheme.Https, TlsIdentity.SelfSigned), (site.Backend.Servers.Single().Text, site.Backend.Scheme, site.Tls));
        Assert.Equal(("Content-Security-Policy", "script-src 'self' 'unsafe-eval' 'unsafe-inline' blob:; object-src 'self'"),
            site.ResponseHeaders.Select(header => (header.Key, header.Value)).Single());
        Assert.Null(SectionOf(snapshot, https, "mydomain.org"));
        Assert.Equal((RouteAction.Offload, RouteAction.Offload, RouteAction.Reject), (https.UnknownName, https.NoName, https.NotTls));
        Assert.Equal((RouteAction.Offload, 404), (http.UnknownName, snapshot.DefaultSite.Status));
    }

    [Theory]
    [InlineData("https", "mail.example.org", "webmail")]
    [InlineData("imaps", "mail.example.org", "mail")]
    [InlineData("submissions", "smtp.example.org", "mail")]
    [InlineData("imaps", "www.example.org", null)]
    public void The_mail_example_chooses_by_listener_and_name(string listener, string name, string? section)
    {
        Snapshot snapshot = Load("examples/mail.ini");
        Assert.Equal(section, SectionOf(snapshot, snapshot.Listeners.Single(each => each.Name == listener), name)?.Name);
        Assert.Equal([25, 587], snapshot.Listeners.Where(each => each.Mode == ListenMode.Tcp).Select(each => each.Endpoints[0].Port));
    }

    [Theory]
    [InlineData("shop.example.net", "hosting")]
    [InlineData("a.b.example.com", "hosting")]
    [InlineData("a.customers.example", "hosting")]
    [InlineData("customers.example", null)]
    [InlineData("staging.customers.example", "staging")]
    [InlineData("xn--bcher-kva.example", "hosting")]
    public void The_hosting_example_reads_its_names_file(string name, string? section)
    {
        Snapshot snapshot = Load("examples/hosting.ini");
        Assert.Equal(section, SectionOf(snapshot, snapshot.Listeners[0], name)?.Name);
    }

    private static RouteSection? SectionOf(Snapshot snapshot, Listener listener, string name) =>
        listener.Names.Find(Encoding.UTF8.GetBytes(name)) is >= 0 and int index ? snapshot.Sections[index] : null;

    private static Snapshot Load(string file)
    {
        ConfigResult result = ConfigLoader.Load(Shipped(file));
        Assert.Empty(result.Errors);
        return result.Snapshot!;
    }

    private static string Shipped(string file) => Path.Combine(Repository.Root, "config", file);
}
