using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public class SectionTests
{
    [Theory]
    [InlineData("[gatway]", "[gatway]: unknown section: did you mean gateway?")]
    [InlineData("[passtrough:a]", "[passtrough:a]: unknown section: did you mean passthrough?")]
    [InlineData("[route]",
        "[route]: unknown section: there are [gateway], [listen:NAME], [passthrough:NAME], [offload:NAME], [default], [acme], [bans], [admin]")]
    [InlineData("[passthrough]", "[passthrough]: this section needs a name: write [passthrough:NAME]")]
    [InlineData("[gateway:one]", "[gateway:one]: this section has no name: write [gateway]")]
    [InlineData("[passthrough:]", "[passthrough:]: a section's name is 1 to 63 letters, digits, dots, hyphens or underscores")]
    [InlineData("[passthrough:a b]", "[passthrough:a b]: a section's name is 1 to 63 letters, digits, dots, hyphens or underscores")]
    [InlineData("[passthrough:a:b]", "[passthrough:a:b]: a section's name is 1 to 63 letters, digits, dots, hyphens or underscores")]
    public void An_unknown_section_is_an_error_and_its_keys_are_no_further_ones(string header, string message) =>
        Assert.Equal([$"fastsni.ini:4: {message}"], ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}{header}\nanything = 1\n"));

    [Fact]
    public void An_empty_header_is_an_error() =>
        Assert.StartsWith("fastsni.ini:4: unknown section: there are [gateway]",
            Assert.Single(ConfigFolder.ErrorsOf(ConfigFolder.Reject + "[]\n")), StringComparison.Ordinal);

    [Theory]
    [InlineData("[gateway]\nhelo-timeout = 5s", "[gateway] helo-timeout: unknown key: did you mean hello-timeout?")]
    [InlineData("[gateway]\nbananas = 5s", "[gateway] bananas: unknown key")]
    [InlineData("[gateway]\nworkers:0 = 5", "[gateway] workers:0: unknown key: did you mean workers?")]
    [InlineData("[listen:a]\nadress = :443", "[listen:a] adress: unknown key: did you mean address?")]
    public void An_unknown_key_is_an_error_with_the_closest_known_one(string text, string message) =>
        Assert.Contains($"fastsni.ini:5: {message}", ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}{text}\n"));

    [Fact]
    public void The_same_key_twice_names_both_places() => Assert.Equal(
        ["fastsni.ini:3: [gateway] Workers: given twice: first at fastsni.ini:2; keep one of them"],
        ConfigFolder.ErrorsOf("[gateway]\nworkers = 1\nWorkers = 1\n" + ConfigFolder.Reject));

    [Fact]
    public void A_named_section_twice_names_both_places() => Assert.Equal(
        ["fastsni.ini:7: [passthrough:A]: this section is written twice: first at fastsni.ini:4; give one of them another name, or merge them"],
        ConfigFolder.ErrorsOf(ConfigFolder.Reject + "[passthrough:a]\nnames = a.org\nbackend = x\n[passthrough:A]\nnames = b.org\nbackend = x\n"));

    [Fact]
    public void An_unnamed_section_may_be_written_in_parts()
    {
        Snapshot snapshot = ConfigFolder.SnapshotOf("[gateway]\nworkers = 1\n[default]\naction = reject\n[gateway]\n" +
            "max-connections = 5\n[default]\nno-name-action = reject\n");
        Assert.Equal((1, 5), (snapshot.Gateway.Workers, snapshot.Gateway.MaxConnections));
    }

    [Fact]
    public void Every_error_is_reported_at_once_in_the_order_of_the_lines() => Assert.Equal(
        [
            "fastsni.ini:2: [gateway] workers: \"0\" is out of range: write auto, or 1 to 256",
            "fastsni.ini:3: [gateway] hello-timeout: \"5\" has no unit: write 5s for seconds; the units are ms, s, m, h and d",
            "fastsni.ini:4: [gateway] colour: unknown key",
            "fastsni.ini:5: [listen:https] address: missing: write what to listen on, such as address = :443",
            "fastsni.ini:6: [listen:https] mode: \"udp\" is not known here: write tls, http or tcp",
            "fastsni.ini:7: [passthrough:mail] backend: missing: write where to forward to, such as backend = 192.168.99.11:443",
            "fastsni.ini:8: [passthrough:mail] names: \"a..org\": an empty label: something is missing before, after or between the dots",
            "fastsni.ini:8: [passthrough:mail] names: \"b c.org\": a name holds no blanks",
            "fastsni.ini:10: [default] action: there is no section [passthrough:mial]: did you mean mail?",
        ],
        ConfigFolder.ErrorsOf("""
            [gateway]
            workers = 0
            hello-timeout = 5
            colour = blue
            [listen:https]
            mode = udp
            [passthrough:mail]
            names = a..org, b c.org
            [default]
            action = passthrough:mial

            """));

    [Fact]
    public void Beyond_a_hundred_errors_are_only_counted()
    {
        string[] errors = ConfigFolder.ErrorsOf("[gateway]\n" + string.Concat(Enumerable.Repeat("x\n", 250)) + ConfigFolder.Reject);
        Assert.Equal(101, errors.Length);
        Assert.Equal("fastsni.ini: and 150 more errors; mend these first", errors[^1]);
    }
}
