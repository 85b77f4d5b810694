using System.Text;
using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

/// <summary>Offload sections may share a name with different paths, and then have one identity.</summary>
public sealed class SharedNameTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public SharedNameTests()
    {
        foreach (string name in new[] { "one", "two" })
        {
            TestCertificate pair = TestCertificate.For("*.org", "a.org");
            _folder.Write(name + ".pem", pair.Chain).Write(name + ".key", pair.Key);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void All_sections_of_the_deciding_entry_are_found()
    {
        Snapshot snapshot = Load(Section("a", "a.org, *.a.org"), "[passthrough:p]\nnames = p.org\nbackend = x\n", Section("b", "A.org.", "/b"), Section("c", "*.a.org, a.org", "/c"));
        Assert.All(snapshot.Listeners, listener =>
        {
            Assert.Equal([0, 2, 3], FindAll(listener.Names, "a.org"));
            Assert.Equal([0, 3], FindAll(listener.Names, "x.a.org"));
            Assert.Equal([1], FindAll(listener.Names, "P.org."));
            Assert.Empty(FindAll(listener.Names, "b.org"));
            Assert.Equal(0, listener.Names.Find("a.org"u8));
            Assert.Equal(3, listener.Names.Count);
        });
    }

    [Fact]
    public void A_more_specific_entry_shares_nothing() =>
        Assert.Equal([1], FindAll(Load(Section("a", "*.a.org"), Section("b", "x.a.org", "/b")).Listeners[0].Names, "x.a.org"));

    [Theory]
    [InlineData("/b", "/b/", "/b")]
    [InlineData("", "/", "/")]
    public void The_same_path_twice_is_an_error(string path, string other, string shown) => Assert.Equal(
        [$"fastsni.ini:6: [offload:b] names: a.org is claimed twice on listener https with the path {shown}: first at fastsni.ini:2 by [offload:a]; " +
            "give one of them another path"],
        ErrorsOf(Section("a", "a.org", path.Length > 0 ? path : null, pad: path.Length == 0), Section("b", "a.org", other)));

    [Fact]
    public void Offload_and_passthrough_share_no_name() => Assert.Equal(
        ["fastsni.ini:5: [passthrough:p] names: a.org is claimed twice on listener https: first at fastsni.ini:2 by [offload:a]; keep one of them"],
        ErrorsOf(Section("a", "a.org"), "[passthrough:p]\nnames = a.org\nbackend = x\n"));

    [Fact]
    public void A_name_twice_in_one_section_is_still_an_error() => Assert.Equal(
        ["fastsni.ini:2: [offload:a] names: a.org is written twice in this section: first at fastsni.ini:2; keep one of them"],
        ErrorsOf(Section("a", "a.org, A.org")));

    [Fact]
    public void Given_once_is_enough_also_by_way_of_a_third()
    {
        Snapshot snapshot = Load(
            Section("a", "a.org", "/a"), Section("b", "a.org, b.org", "/b") + Pair("one") + "client-ca = two.pem\n", Section("c", "b.org", "/c"), Section("d", "d.org"));
        TlsIdentity[] identities = [.. snapshot.Sections.Cast<OffloadSection>().Select(section => section.Tls)];
        TlsIdentity expected = new(At("one.pem"), At("one.key"), At("two.pem"));
        Assert.Equal([expected, expected, expected, TlsIdentity.SelfSigned], identities);
    }

    [Fact]
    public void A_pair_may_be_written_in_two_sections() => Assert.Equal(
        new TlsIdentity(At("one.pem"), At("one.key"), null),
        ((OffloadSection)Load(Section("a", "a.org") + "certificate = one.pem\n", Section("b", "a.org", "/b") + "certificate-key = one.key\n").Sections[0]).Tls);

    [Fact]
    public void Two_groups_that_a_section_joins_must_not_differ() => Assert.Equal(
        ["fastsni.ini:9: [offload:b] certificate: two.pem is not what [offload:a] has at fastsni.ini:4: sections that share a name have one certificate, " +
            "one key and one client-ca; write the same, or write it once",
         "fastsni.ini:10: [offload:b] certificate-key: two.key is not what [offload:a] has at fastsni.ini:5: sections that share a name have one certificate, " +
            "one key and one client-ca; write the same, or write it once"],
        ErrorsOf(Section("a", "a.org") + Pair("one"), Section("b", "b.org") + Pair("two"), Section("c", "a.org, b.org", "/c")));

    [Fact]
    public void A_client_ca_must_agree_too() => Assert.Contains(
        "fastsni.ini:9: [offload:b] client-ca: two.pem is not what [offload:a] has at fastsni.ini:4",
        Assert.Single(ErrorsOf(Section("a", "a.org") + "client-ca = one.pem\n", Section("b", "a.org", "/b") + "client-ca = two.pem\n")), StringComparison.Ordinal);

    [Fact]
    public void On_different_listeners_nothing_is_shared()
    {
        const string Listeners = "[listen:x]\nmode = tls\naddress = :1\n[listen:y]\nmode = tls\naddress = :2\n";
        Snapshot snapshot = Load(
            Listeners, Section("a", "a.org") + Pair("one") + "listen = x\n", Section("b", "a.org") + Pair("two") + "listen = y\n");
        Assert.Equal([At("one.pem"), At("two.pem")], snapshot.Sections.Cast<OffloadSection>().Select(section => section.Tls.Certificate));
        Assert.Equal([1], FindAll(snapshot.Listeners[1].Names, "a.org"));
    }

    private static string Section(string name, string names, string? path = null, bool pad = false) =>
        $"[offload:{name}]\nnames = {names}\nbackend = http://x\n{(path is null ? pad ? ";\n" : "" : $"path = {path}\n")}";

    private static string Pair(string name) => $"certificate = {name}.pem\ncertificate-key = {name}.key\n";

    private string At(string file) => Path.Combine(_folder.Root, file);

    private Snapshot Load(params string[] sections) => _folder.Write(ConfigFolder.Main, string.Concat(sections)).Snapshot();

    private string[] ErrorsOf(params string[] sections) => _folder.Write(ConfigFolder.Main, string.Concat(sections)).Errors();

    private static int[] FindAll(RouteTable table, string name) => [.. table.FindAll(Encoding.ASCII.GetBytes(name))];
}
