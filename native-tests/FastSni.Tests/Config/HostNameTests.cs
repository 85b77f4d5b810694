using System.Text;
using FastSni.Config;
using FastSni.Config.Names;
using Xunit;

namespace FastSni.Tests.Config;

public class HostNameTests
{
    [Theory]
    [InlineData("mail.example.org", "mail.example.org")]
    [InlineData("MAIL.Example.ORG.", "mail.example.org")]
    [InlineData("localhost", "localhost")]
    [InlineData("_dmarc.example.org", "_dmarc.example.org")]
    [InlineData("-a-.b--c.org", "-a-.b--c.org")]
    [InlineData("1.2.3.example", "1.2.3.example")]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example")]
    [InlineData("3com.com", "3com.com")]
    public void A_name_is_lowered_and_loses_its_last_dot(string text, string name) => AssertName(name, text);

    [Theory]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("BÜCHER.example", "xn--bcher-kva.example")]
    [InlineData("président.Example.FR.", "xn--prsident-c1a.example.fr")]
    [InlineData("пример.рф", "xn--e1afmkfd.xn--p1ai")]
    [InlineData("ПРИМЕР.РФ", "xn--e1afmkfd.xn--p1ai")]
    [InlineData("例え.テスト", "xn--r8jz45g.xn--zckzah")]
    [InlineData("中文.example", "xn--fiq228c.example")]
    [InlineData("한국.example", "xn--3e0b707e.example")]
    [InlineData("ελλάδα.example", "xn--hxakic4aa.example")]
    [InlineData("łódź.example", "xn--d-uga0v4h.example")]
    [InlineData("việt.example", "xn--vit-5kz.example")]
    [InlineData("مثال.example", "xn--mgbh0fb.example")]
    [InlineData("_bücher._tcp.example", "xn--_bcher-4ya._tcp.example")]
    public void Letters_that_are_certain_become_an_A_label(string text, string name) => AssertName(name, text);

    [Theory]
    [InlineData("straße.example", "ß (U+00DF)")]        // UTS 46 keeps it, IDNA 2003 makes it ss
    [InlineData("STRAẞE.example", "ß (U+00DF)")]
    [InlineData("βόλος.example", "ς (U+03C2)")]         // the same with σ
    [InlineData("bu\u0308cher.example", "\u0308 (U+0308)")]   // decomposed ü
    [InlineData("a\u200Db.example", "\u200D (U+200D)")]
    [InlineData("ａｂｃ.example", "ａ (U+FF41)")]
    [InlineData("ﬁrma.example", "ﬁ (U+FB01)")]
    [InlineData("x².example", "² (U+00B2)")]
    [InlineData("ŉame.example", "ŉ (U+0149)")]
    [InlineData("İstanbul.example", "İ (U+0130)")]
    [InlineData("ǆ.example", "ǆ (U+01C6)")]
    [InlineData("ｱ.example", "ｱ (U+FF71)")]
    [InlineData("ﷺ.example", "ﷺ (U+FDFA)")]
    [InlineData("ไทย.example", "ไ (U+0E44)")]
    [InlineData("💩.example", "💩 (U+1F4A9)")]
    [InlineData("bücher。example", "。 (U+3002)")]
    [InlineData("\u212Bngström.example", "")]            // the Angstrom sign is lowered to å, as UTS 46 does
    public void Whatever_is_not_certain_asks_for_the_A_label(string text, string character)
    {
        if (character.Length == 0)
            AssertName("xn--ngstrm-hua5l.example", text);
        else
            AssertProblem($"this program cannot map {character} safely: write the name's A-label, which begins with xn--", text);
    }

    [Fact]
    public void A_label_that_grows_too_long_is_refused() =>
        AssertProblem("this name has no A-label, or one that is too long: write the A-label, which begins with xn--, if " +
            "there is one", new string('ü', 63) + ".example");

    [Theory]
    [InlineData("", "an empty label: something is missing before, after or between the dots")]
    [InlineData(".", "an empty label: something is missing before, after or between the dots")]
    [InlineData("a..org", "an empty label: something is missing before, after or between the dots")]
    [InlineData("a.org..", "an empty label: something is missing before, after or between the dots")]
    [InlineData("a b.org", "a name holds no blanks")]
    [InlineData("*.example.org", "* stands alone before the first dot, as in *.example.org")]
    [InlineData("a.org/", "the name alone is needed, without https:// and without a path")]
    [InlineData("a.org:443", "a name has no port")]
    [InlineData("2001:db8::1", "this is an address, and clients never send an address as server name")]
    [InlineData("[2001:db8::1]", "this is an address, and clients never send an address as server name")]
    [InlineData("192.0.2.1", "a name that ends in a number is an address, and clients never send an address as server name")]
    [InlineData("192.0.2.1.", "a name that ends in a number is an address, and clients never send an address as server name")]
    [InlineData("1234", "a name that ends in a number is an address, and clients never send an address as server name")]
    [InlineData("a@example.org", "the character @ is not part of any host name")]
    [InlineData("a\u0001.org", "the byte 0x01 is not part of any host name")]
    public void What_is_no_name_says_why(string text, string problem) => AssertProblem(problem, text);

    [Fact]
    public void A_label_has_up_to_63_bytes_and_a_name_up_to_253()
    {
        string label = new('a', 63);
        AssertName(label + ".org", label + ".org");
        AssertProblem("a label of 64 bytes: at most 63 may stand between two dots", label + "a.org");
        AssertProblem("a label of 64 bytes: at most 63 may stand between two dots", "org." + label + "a");
        string longest = $"{label}.{label}.{label}.{label[..61]}";
        AssertName(longest, longest + ".");
        AssertProblem("the name is longer than 253 bytes", longest + "a");
    }

    [Theory]
    [InlineData("Mail.example.org.", "mail.example.org", "")]
    [InlineData("*.Example.org", "", ".example.org")]
    [InlineData(".example.org.", "example.org", ".example.org")]
    [InlineData("*.bücher.example", "", ".xn--bcher-kva.example")]
    [InlineData(".bücher.example", "xn--bcher-kva.example", ".xn--bcher-kva.example")]
    [InlineData("*.org", "", ".org")]
    public void A_pattern_claims_a_name_a_suffix_or_both(string text, string exact, string suffix)
    {
        Assert.True(NamePattern.TryParse(Encoding.UTF8.GetBytes(text), out NamePattern pattern, out _));
        Assert.Equal((exact, suffix), (Encoding.ASCII.GetString(pattern.Exact), Encoding.ASCII.GetString(pattern.Suffix)));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("a*.b")]
    [InlineData("*a.b")]
    [InlineData("a.*.b")]
    [InlineData("*.*.b")]
    [InlineData("**.b")]
    [InlineData("..b")]
    [InlineData("*..b")]
    [InlineData(".*.b")]
    [InlineData("*.192.0.2.1")]
    public void What_is_no_pattern_is_refused(string text)
    {
        Assert.False(NamePattern.TryParse(Encoding.UTF8.GetBytes(text), out _, out string problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void A_suffix_leaves_room_for_a_name_before_it()
    {
        string label = new('a', 63);
        string longest = $"{label}.{label}.{label}.{label[..59]}";
        Assert.True(NamePattern.TryParse(Encoding.UTF8.GetBytes("*." + longest), out _, out _));
        Assert.False(NamePattern.TryParse(Encoding.UTF8.GetBytes($"*.{longest}a"), out _, out string problem));
        Assert.Equal("no name of at most 253 bytes ends with so long a suffix", problem);
    }

    private static void AssertName(string expected, string text)
    {
        Assert.True(HostName.TryParse(text, out string name, out string problem), problem);
        Assert.Equal((expected, ""), (name, problem));
    }

    private static void AssertProblem(string expected, string text)
    {
        Assert.False(HostName.TryParse(text, out string name, out string problem));
        Assert.Equal(("", expected), (name, problem));
    }
}
