using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public sealed class BanFileTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_section_nobody_is_banned_or_safe()
    {
        BanOptions bans = ConfigFolder.SnapshotOf(ConfigFolder.Reject).Bans;
        Assert.Null(bans.File);
        Assert.Empty(bans.Never);
    }

    [Fact]
    public void Both_keys_are_read_and_the_section_may_be_continued()
    {
        _folder.Write("lists/bans.txt", "192.0.2.1\n").Write(ConfigFolder.Main, $"{ConfigFolder.Reject}[bans]\nfile = lists/bans.txt\n")
            .Write("conf.d/a.ini", "[bans]\nnever = 192.168.0.0/16, 2001:db8::1\n");
        BanOptions bans = _folder.Snapshot().Bans;
        Assert.Equal(Path.Combine(_folder.Root, "lists/bans.txt"), bans.File);
        Assert.Equal(["192.168.0.0/16", "2001:db8::1"], bans.Never.Select(prefix => prefix.ToString()));
        Assert.Empty(_folder.Warnings());
    }

    [Theory]
    [InlineData("file = missing.txt", "file: missing.txt: there is no such file")]
    [InlineData("file = conf.d", "file: conf.d: this is a directory; a file is needed")]
    [InlineData("never = everybody", "never: \"everybody\" is no address and no prefix: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32")]
    public void A_wrong_value_is_an_error(string line, string sentence)
    {
        _folder.Write("conf.d/.keep", "").Write(ConfigFolder.Main, $"{ConfigFolder.Reject}[bans]\n{line}\n");
        Assert.Equal([$"fastsni.ini:5: [bans] {sentence}"], _folder.Errors());
    }

    [Fact]
    public void A_named_pipe_is_refused_and_not_waited_for()
    {
        string pipe = Path.Combine(_folder.Root, "pipe");
        System.Diagnostics.Process.Start("mkfifo", pipe).WaitForExit();
        _folder.Write(ConfigFolder.Main, $"{ConfigFolder.Reject}[bans]\nfile = pipe\n[admin]\naddress = 127.0.0.1:9180\ntoken-file = pipe\n[passthrough:a]\nnames-file = pipe\nbackend = 192.0.2.1\n");
        string[] errors = [.. _folder.Errors()];
        Assert.Equal(3, errors.Length);
        Assert.All(errors, error => Assert.EndsWith("this is a named pipe; a file is needed", error, StringComparison.Ordinal));
    }

    [Fact]
    public void Both_keys_may_be_empty() => Assert.Null(ConfigFolder.SnapshotOf($"{ConfigFolder.Reject}[bans]\nfile =\nnever =\n").Bans.File);

    [Fact]
    public void A_file_holds_addresses_prefixes_comments_and_blank_lines()
    {
        BanFile read = Read("\uFEFF192.0.2.1\r\n\n# a list\n; of strangers\n \t10.0.0.0/8 ; known\n2001:db8::/32# more\n2001:DB8::7");
        Assert.Equal(["192.0.2.1", "10.0.0.0/8", "2001:db8::/32", "2001:db8::7"], read.Prefixes.Select(prefix => prefix.ToString()));
        Assert.Empty(read.Problems);
        Assert.Equal((0, null), (read.FurtherProblems, read.Error));
    }

    [Theory]
    [InlineData("example.org", "\"example.org\" is no address and no prefix: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32")]
    [InlineData("192.0.2.1 192.0.2.2", "\"192.0.2.1 192.0.2.2\" is no address and no prefix: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32")]
    [InlineData("10.0.0.1/8", "\"10.0.0.1/8\" has bits set behind the prefix: write 10.0.0.0/8, or the address alone")]
    [InlineData("10.0.0.0/33", "\"10.0.0.0/33\": behind the / stands a number of bits, 0 to 32")]
    [InlineData("0.0.0.0/0", "\"0.0.0.0/0\" is everybody: write a longer prefix")]
    [InlineData("::/0", "\"::/0\" is everybody: write a longer prefix")]
    [InlineData("\u202E1.2.3.4", "\"\uFFFD1.2.3.4\" is no address and no prefix: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32")]
    [InlineData("\u001b[2J", "\"\uFFFD[2J\" is no address and no prefix: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32")]
    public void A_wrong_line_is_told_and_passed_over(string line, string sentence)
    {
        BanFile read = Read($"192.0.2.1\n{line}\n192.0.2.2\n");
        Assert.Equal(["192.0.2.1", "192.0.2.2"], read.Prefixes.Select(prefix => prefix.ToString()));
        Assert.Equal(new BanFileProblem(2, sentence), Assert.Single(read.Problems));
    }

    [Fact]
    public void Wrong_lines_are_warnings_at_their_place()
    {
        _folder.Write("bans.txt", "x\n192.0.2.1\ny\n").Write(ConfigFolder.Main, $"{ConfigFolder.Reject}[bans]\nfile = bans.txt\n");
        Assert.Equal(
            ["bans.txt:1: [bans] file: \"x\" is no address and no prefix: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32; this line bans nobody",
             "bans.txt:3: [bans] file: \"y\" is no address and no prefix: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32; this line bans nobody"],
            _folder.Warnings());
    }

    [Fact]
    public void Many_wrong_lines_are_counted()
    {
        _folder.Write("bans.txt", string.Concat(Enumerable.Repeat("x\n", 25))).Write(ConfigFolder.Main, $"{ConfigFolder.Reject}[bans]\nfile = bans.txt\n");
        string[] warnings = _folder.Warnings();
        Assert.Equal(21, warnings.Length);
        Assert.Contains("fastsni.ini:5: [bans] file: bans.txt: 5 more lines are wrong and ban nobody", warnings);
    }

    [Fact]
    public void A_line_without_an_end_is_where_reading_stops()
    {
        BanFile read = Read("192.0.2.1\n" + new string('1', 100_000) + "\n192.0.2.2\n");
        Assert.Equal("192.0.2.1", Assert.Single(read.Prefixes).ToString());
        Assert.Equal("a line of more than 65536 bytes, and the rest is not read: write one address or prefix a line", Assert.Single(read.Problems).Sentence);
    }

    [Fact]
    public void A_file_has_a_last_line()
    {
        BanFile read = Read(new string('\n', BanFileReader.LinesMax - 1) + "192.0.2.1\n192.0.2.2\n192.0.2.3\n");
        Assert.Equal("192.0.2.1", Assert.Single(read.Prefixes).ToString());
        BanFileProblem problem = Assert.Single(read.Problems);
        Assert.Equal(BanFileReader.LinesMax + 1, problem.Line);
        Assert.StartsWith("the file has more than 1,000,000 lines", problem.Sentence, StringComparison.Ordinal);
    }

    private BanFile Read(string text) => BanFileReader.Read(Path.Combine(_folder.Write("bans.txt", text).Root, "bans.txt"));
}
