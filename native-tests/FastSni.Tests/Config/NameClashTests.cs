using Xunit;

namespace FastSni.Tests.Config;

public class NameClashTests
{
    private const string Two = ConfigFolder.Reject + "[passthrough:a]\nbackend = x\nnames = a.example.org, *.example.org\n" +
        "[passthrough:b]\nbackend = x\n";

    [Theory]
    [InlineData("a.example.org", "a.example.org")]
    [InlineData("A.Example.ORG.", "a.example.org")]
    [InlineData("*.example.org", "*.example.org")]
    [InlineData(".example.org", "*.example.org")]
    public void A_name_claimed_twice_names_both_places(string name, string shown) => Assert.Equal(
        [$"fastsni.ini:9: [passthrough:b] names: {shown} is claimed twice on listener https: first at fastsni.ini:6 by " +
            "[passthrough:a]; keep one of them"],
        ConfigFolder.ErrorsOf($"{Two}names = {name}\n"));

    [Fact]
    public void A_name_and_a_suffix_of_it_are_no_clash() => Assert.Empty(ConfigFolder.ErrorsOf(Two + "names = example.org, " +
        "*.a.example.org, b.example.org\n"));

    [Fact]
    public void A_name_twice_in_one_section_is_an_error() => Assert.Equal(
        ["fastsni.ini:9: [passthrough:b] names: c.org is written twice in this section: first at fastsni.ini:9; keep one of them"],
        ConfigFolder.ErrorsOf(Two + "names = c.org, d.org, C.org\n"));

    [Fact]
    public void On_different_listeners_a_name_may_be_claimed_twice() => Assert.Empty(ConfigFolder.ErrorsOf(
        ConfigFolder.Reject + "[listen:https]\nmode = tls\naddress = :443\n[listen:imaps]\nmode = tls\naddress = :993\n" +
        "[passthrough:web]\nbackend = x\nnames = a.org\nlisten = https\n[passthrough:mail]\nbackend = x\nnames = a.org\nlisten = imaps\n"));

    [Fact]
    public void Clashes_with_names_files_have_the_files_lines()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main,
            ConfigFolder.Reject +
            "[passthrough:a]\nbackend = x\nnames-file = a.txt\n" +
            "[passthrough:b]\nbackend = x\nnames = two.org\nnames-file = b.txt\n")
            .Write("a.txt", "# first\n\none.org\n.two.org\nthree.org\n")
            .Write("b.txt", "four.org\n\n#\n*.two.org\nthree.org\nfour.org\n");
        Assert.Equal(
            [
                "fastsni.ini:9: [passthrough:b] names: two.org is claimed twice on listener https: first at a.txt:4 by " +
                "[passthrough:a]; keep one of them",
                "b.txt:4: [passthrough:b] names-file: *.two.org is claimed twice on listener https: first at a.txt:4 by " +
                "[passthrough:a]; keep one of them",
                "b.txt:5: [passthrough:b] names-file: three.org is claimed twice on listener https: first at a.txt:5 by " +
                "[passthrough:a]; keep one of them",
                "b.txt:6: [passthrough:b] names-file: four.org is written twice in this section: first at b.txt:1; keep one of them",
            ],
            folder.Errors());
    }

    [Fact]
    public void A_clash_on_several_listeners_is_reported_once() => Assert.Single(ConfigFolder.ErrorsOf(
        ConfigFolder.Reject + "[listen:x]\nmode = tls\naddress = :1\n[listen:y]\nmode = tls\naddress = :2\n" +
        "[passthrough:a]\nbackend = z\nnames = a.org\n[passthrough:b]\nbackend = z\nnames = a.org\n[passthrough:c]\nbackend " +
        "= z\nnames = c.org\nlisten = y\n"));

    [Fact]
    public void Beyond_a_hundred_clashes_are_only_counted()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main,
            ConfigFolder.Reject + "[passthrough:a]\nbackend = x\nnames-file = n.txt\n[passthrough:b]\nbackend = x\nnames-file = n.txt\n")
            .Write("n.txt", string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i}.example.org\n")));
        string[] errors = folder.Errors();
        Assert.Equal(101, errors.Length);
        Assert.Equal("n.txt:1: [passthrough:b] names-file: 0.example.org is claimed twice on listener https: first at " +
            "n.txt:1 by [passthrough:a]; keep one of them", errors[0]);
        Assert.Equal("fastsni.ini: and 4900 more errors; mend these first", errors[^1]);
    }
}
