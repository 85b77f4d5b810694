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
    public void The_shipped_file_changes_no_default_but_offload()
    {
        Snapshot snapshot = Load("fastsni.ini");
        Assert.Equal(new GatewayOptions(), snapshot.Gateway);
        Assert.Equal("https", Assert.Single(snapshot.Listeners).Name);
        Assert.Empty(snapshot.Sections);
    }

    [Fact]
    public void Everything_commented_out_in_the_shipped_file_is_right_too()
    {
        // What is prose has a blank behind the semicolon; what is configuration has none.
        string text = string.Join('\n', File.ReadAllLines(Shipped("fastsni.ini")).Select(line => line is [';', not ' ', ..] ? line[1..] : line));
        Snapshot snapshot = ConfigFolder.SnapshotOf(text + "\n");
        Assert.Equal(new GatewayOptions(), snapshot.Gateway);
        Assert.Equal(["https", "smtp"], snapshot.Listeners.Select(listener => listener.Name));
        Assert.Equal(["yunohost"], snapshot.Sections.Select(section => section.Name));
    }

    [Theory]
    [InlineData("subdomain1.mydomain.org", "192.168.99.11:443")]
    [InlineData("subdomain2.mydomain.org", "192.168.99.11:443")]
    [InlineData("myotherdomain.info", "192.168.99.12:443")]
    [InlineData("anything.else.eu", "127.0.0.1:8443")]
    [InlineData("", "127.0.0.1:8443")]
    public void The_stream_example_does_what_the_map_did(string name, string backend)
    {
        Snapshot snapshot = Load("examples/yunohost-stream.ini");
        Listener listener = Assert.Single(snapshot.Listeners);
        Assert.Equal("192.168.99.1:443", Assert.Single(listener.Endpoints).ToString());
        RouteSection? other = name.Length == 0 ? listener.NoName.Section : listener.UnknownName.Section;
        PassthroughSection section = (PassthroughSection)(SectionOf(snapshot, listener, name) ?? other!);
        Assert.Equal((backend, ProxyProtocol.V1), (section.Backend.Servers.Single().Text, section.Backend.ProxyProtocol));
        Assert.Null(listener.NotTls.Section);
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
