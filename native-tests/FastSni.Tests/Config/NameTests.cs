using System.Text;
using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

/// <summary>From `names` and names-files to the listeners' tables.</summary>
public class NameTests
{
    private const string A = ConfigFolder.Reject + "[passthrough:a]\nbackend = 10.0.0.1\n";

    [Fact]
    public void Names_and_a_names_file_combine()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, A + "names = a.example.org, *.b.example.org\nnames-file = names/more.txt\n")
            .Write("names/more.txt", "\uFEFF# hosting\r\n\r\nC.example.org.\r\n  .d.example.org\t\n#e.example.org\nbücher.example");
        Snapshot snapshot = folder.Snapshot();
        RouteTable names = snapshot.Listeners[0].Names;
        Assert.Equal(6, names.Count);
        AssertOwned(names, 0, "a.example.org", "x.b.example.org", "c.example.org", "d.example.org", "x.y.d.example.org", "xn--bcher-kva.example");
        AssertOwned(names, -1, "b.example.org", "x.c.example.org", "e.example.org", "more.example");
        Assert.Equal(["fastsni.ini", "more.txt"], snapshot.Files.Select(Path.GetFileName));
    }

    [Fact]
    public void A_names_file_is_found_beside_the_file_that_names_it()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, ConfigFolder.Reject).Write("conf.d/a.ini", "[passthrough:a]\nbackend = x\nnames-file = a.txt\n")
            .Write("conf.d/a.txt", "a.example.org\n");
        AssertOwned(folder.Snapshot().Listeners[0].Names, 0, "a.example.org");
    }

    [Fact]
    public void A_names_file_may_be_named_by_its_whole_path()
    {
        using ConfigFolder folder = new();
        folder.Write("elsewhere.txt", "a.example.org\n").Write(ConfigFolder.Main, $"{A}names-file = {folder.Root}/elsewhere.txt\n");
        AssertOwned(folder.Snapshot().Listeners[0].Names, 0, "a.example.org");
    }

    [Fact]
    public void Errors_in_a_names_file_have_its_lines()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, A + "names-file = n.txt\n").Write("n.txt", [.. Encoding.UTF8.GetBytes(
            "a.example.org\nb c.example.org\n\nd.example.org # mine\nA..example.org\n*\ne.example.org,f.example.org\n" +
            "straße.example\nESC\u001B.org\n"), 0xFF, 0x0A]);
        Assert.Equal(
            [
                "n.txt:2: [passthrough:a] names-file: one name a line, and a comment on a line of its own",
                "n.txt:4: [passthrough:a] names-file: one name a line, and a comment on a line of its own",
                "n.txt:5: [passthrough:a] names-file: \"a..example.org\": an empty label: something is missing before, after or between the dots",
                "n.txt:6: [passthrough:a] names-file: \"*\": * stands alone before the first dot, as in *.example.org",
                "n.txt:7: [passthrough:a] names-file: one name a line, and a comment on a line of its own",
                "n.txt:8: [passthrough:a] names-file: \"straße.example\": this program cannot map ß (U+00DF) safely: write " +
                "the name's A-label, which begins with xn--",
                "n.txt:9: [passthrough:a] names-file: \"esc\uFFFD.org\": the byte 0x1B is not part of any host name",
                "n.txt:10: [passthrough:a] names-file: \"\uFFFD\": this is not valid UTF-8: write the name's A-label, which " +
                "begins with xn--, or save the file as UTF-8",
            ],
            folder.Errors());
    }

    [Theory]
    [InlineData("names-file = missing.txt", "missing.txt: there is no such file")]
    [InlineData("names-file = conf.d", "conf.d: this is a directory; a file is needed")]
    [InlineData("names-file =", "no file given: write its path, relative to this file, or remove the key")]
    public void A_names_file_that_cannot_be_read_is_an_error_of_its_key(string line, string sentence)
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, $"{A}{line}\n").Write("conf.d/x.txt", "");
        Assert.Equal([$"fastsni.ini:6: [passthrough:a] names-file: {sentence}"], folder.Errors());
    }

    [Theory]
    [InlineData("/dev/zero", 1, "a line of more than 65536 bytes: a names-file holds one name a line")]
    [InlineData("/dev/urandom", 101, null)]
    public void A_names_file_without_end_is_given_up(string device, int errors, string? sentence)
    {
        using ConfigFolder folder = new();
        ConfigResult result = folder.Write(ConfigFolder.Main, $"{A}names-file = {device}\n").Load();
        Assert.InRange(result.Errors.Length, 1, errors);
        Assert.Equal(sentence ?? result.Errors[0].Sentence, result.Errors[0].Sentence);
    }

    [Fact]
    public void An_empty_names_file_is_a_warning()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, A + "names-file = n.txt\n").Write("n.txt", "# none yet\n");
        Assert.Equal(["fastsni.ini:6: [passthrough:a] names-file: n.txt holds no name"], folder.Warnings());
    }

    [Fact]
    public void Names_that_no_listener_asks_for_are_a_warning()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, A + "names = a.org\n[listen:smtp]\nmode = tcp\naddress = :25\nbackend = x\n");
        Assert.Equal(["fastsni.ini:4: [passthrough:a]: no listener asks for names: these are never used without one of mode " +
            "= tls"], folder.Warnings());
    }

    [Fact]
    public void A_section_is_on_every_tls_listener_or_on_those_it_lists()
    {
        Snapshot snapshot = ConfigFolder.SnapshotOf(ConfigFolder.Reject + """
            [listen:https]
            mode = tls
            address = :443
            [listen:imaps]
            mode = tls
            address = :993
            [listen:xmpp]
            mode = tls
            address = :5223
            [listen:smtp]
            mode = tcp
            address = :25
            backend = 10.0.0.9
            [passthrough:everywhere]
            names = a.example.org
            backend = 10.0.0.1
            [passthrough:web]
            names = b.example.org
            backend = 10.0.0.2:443
            listen = HTTPS
            [passthrough:mail]
            names = b.example.org
            backend = 10.0.0.3
            listen = imaps, xmpp

            """);
        (RouteTable https, RouteTable imaps) = (snapshot.Listeners[0].Names, snapshot.Listeners[1].Names);
        AssertOwned(https, 0, "a.example.org");
        AssertOwned(imaps, 0, "a.example.org");
        AssertOwned(https, 1, "b.example.org");
        AssertOwned(imaps, 2, "b.example.org");
        Assert.Same(imaps, snapshot.Listeners[2].Names);   // xmpp carries the same sections.
    }

    [Theory]
    [InlineData("htps", "there is no section [listen:htps]: did you mean https?")]
    [InlineData("nobody", "there is no section [listen:nobody]")]
    [InlineData("smtp", "listener smtp is of mode = tcp, where there are no names: remove it from the list")]
    [InlineData("listen:https", "\"listen:https\" is no section's name: write the part behind the colon, https for [listen:https]")]
    [InlineData("", "no listener given: write one or more, separated by commas, or remove the key")]
    public void Listen_names_tls_listeners(string listen, string sentence) => Assert.Equal(
        [$"fastsni.ini:14: [passthrough:a] listen: {sentence}"],
        ConfigFolder.ErrorsOf(
            $"{ConfigFolder.Reject}[listen:https]\nmode = tls\naddress = :443\n[listen:smtp]\nmode = tcp\naddress = :25\nbackend = x\n" +
            $"[passthrough:a]\nnames = a.org\nbackend = x\nlisten = {listen}\n"));

    [Fact]
    public void Listen_names_the_implied_listener_too() => Assert.Empty(ConfigFolder.ErrorsOf(A + "names = a.org\nlisten = https\n"));

    private static void AssertOwned(RouteTable table, int section, params string[] names) =>
        Assert.All(names, name => Assert.Equal(section, table.Find(Encoding.UTF8.GetBytes(name))));
}
