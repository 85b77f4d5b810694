using System.Runtime.Versioning;
using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

[SupportedOSPlatform("linux")]
public sealed class AdminTests : IDisposable
{
    private const string Token = "0123456789abcdef";

    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_section_there_is_a_control_socket_and_no_address()
    {
        AdminOptions admin = ConfigFolder.SnapshotOf(ConfigFolder.Reject).Admin;
        Assert.Equal(("/run/fastsni/control.sock", null), (admin.Socket, admin.TokenFile));
        Assert.Empty(admin.Endpoints);
        Assert.Equal(["127.0.0.0/8", "::1"], admin.Allow.Select(prefix => prefix.ToString()));
    }

    [Theory]
    [InlineData("socket = /tmp/s", "/tmp/s")]
    [InlineData("socket = OFF", null)]
    public void The_control_socket_may_be_elsewhere_or_nowhere(string line, string? path) => Assert.Equal(path, Load(line).Admin.Socket);

    [Fact]
    public void Every_key_is_read()
    {
        _folder.Write("token", Token + "\n");
        Snapshot snapshot = Load("address = 127.0.0.1:9180, [::1]:9180\nallow = 10.0.0.0/8, 2001:db8::7\ntoken-file = token");
        Assert.Equal(["127.0.0.1:9180", "[::1]:9180"], snapshot.Admin.Endpoints.Select(endpoint => endpoint.ToString()));
        Assert.Equal(["10.0.0.0/8", "2001:db8::7"], snapshot.Admin.Allow.Select(prefix => prefix.ToString()));
        Assert.Equal(Path.Combine(_folder.Root, "token"), snapshot.Admin.TokenFile);
        Assert.Equal(Token, AdminToken.Read(snapshot.Admin.TokenFile!).Text);
    }

    [Fact]
    public void The_section_may_be_continued_and_its_files_are_relative_to_where_they_are_written()
    {
        _folder.Write(ConfigFolder.Main, ConfigFolder.Reject + "[admin]\nsocket = off\n").Write("conf.d/token", Token)
            .Write("conf.d/a.ini", "[admin]\naddress = 127.0.0.1:9180\ntoken-file = token\n");
        AdminOptions admin = _folder.Snapshot().Admin;
        Assert.Equal((null, Path.Combine(_folder.Root, "conf.d/token")), (admin.Socket, admin.TokenFile));
    }

    [Theory]
    [InlineData("socket = control.sock", "socket: \"control.sock\" is not usable here: write off, or a path that begins with /")]
    [InlineData("socket =", "socket: \"\" is not usable here: write off, or a path that begins with /")]
    [InlineData("address = 9180", "address: \"9180\" is a port without its colon: write :9180")]
    [InlineData("address = 127.0.0.1", "address: \"127.0.0.1\" has no port: write 127.0.0.1:9180")]
    [InlineData("address = localhost:9180", "address: \"localhost:9180\" is not an address and port to listen on: " +
        "write :9180 for every address, 192.0.2.1:9180 or [2001:db8::1]:9180")]
    [InlineData("address = 127.0.0.1:9180, 127.0.0.1:9180", "address: 127.0.0.1:9180 is in this list twice")]
    [InlineData("address = :443", "address: 0.0.0.0:443 is taken by listener https: write another address or port",
        "address: [::]:443 is taken by listener https: write another address or port")]
    [InlineData("address = 127.0.0.1:1\nallow = 10.0.0.1/8", "allow: \"10.0.0.1/8\" has bits set behind the prefix: write 10.0.0.0/8, or the address alone")]
    [InlineData("token-file = missing", "token-file: missing: there is no such file")]
    [InlineData("token-file = conf.d", "token-file: conf.d: this is a directory; a file is needed")]
    public void A_wrong_value_says_what_would_be_right(string lines, params string[] sentences)
    {
        _folder.Write("conf.d/.keep", "").Write(ConfigFolder.Main, $"{ConfigFolder.Reject}[admin]\n{lines}\n");
        int line = 4 + lines.Split('\n').Length;
        Assert.Equal(sentences.Select(sentence => $"fastsni.ini:{line}: [admin] {sentence}"), _folder.Errors());
    }

    [Fact]
    public void A_long_socket_is_an_error() => Assert.Equal(
        ["fastsni.ini:5: [admin] socket: the path is longer than 107 bytes: use a shorter one"],
        ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}[admin]\nsocket = /{new string('s', 107)}\n"));

    [Theory]
    [InlineData("", "it is empty: write a token of at least 16 characters into it, such as what `openssl rand -hex 32` prints")]
    [InlineData(" \n", "it is empty: write a token of at least 16 characters into it, such as what `openssl rand -hex 32` prints")]
    [InlineData("0123456789abcde\n", "a token of 15 characters is soon guessed: write at least 16")]
    [InlineData("0123456789abcdef\nx\n", "it has more than one line: a token is one line")]
    [InlineData("0123456789 abcdef\n", "a token is letters, digits and any of - . _ ~ + / = without blanks: write such a one")]
    [InlineData("0123456789abcdeü\n", "a token is letters, digits and any of - . _ ~ + / = without blanks: write such a one")]
    public void A_bad_token_says_what_would_be_right(string content, string sentence)
    {
        _folder.Write("token", content).Write(ConfigFolder.Main, $"{ConfigFolder.Reject}[admin]\naddress = 127.0.0.1:9180\ntoken-file = token\n");
        Assert.Equal([$"fastsni.ini:6: [admin] token-file: token: {sentence}"], _folder.Errors());
    }

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void A_token_has_a_largest_length(int characters, bool isGood)
    {
        _folder.Write("token", new string('x', characters) + "\r\n");
        AdminToken token = AdminToken.Read(Path.Combine(_folder.Root, "token"));
        Assert.Equal(isGood ? (characters, null) : (null, "a token has at most 1024 characters: write a shorter one"), (token.Text?.Length, token.Error));
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead, false)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherRead, true)]
    public void A_token_that_everybody_may_read_is_warned_of(UnixFileMode mode, bool isWarned)
    {
        _folder.Write("secret", Token).Write(ConfigFolder.Main, $"{ConfigFolder.Reject}[admin]\naddress = 127.0.0.1:9180\ntoken-file = token\n");
        File.SetUnixFileMode(Path.Combine(_folder.Root, "secret"), mode);
        File.CreateSymbolicLink(Path.Combine(_folder.Root, "token"), "secret");
        Assert.Equal(
            isWarned ? ["fastsni.ini:6: [admin] token-file: every user of this machine may read token: chmod o-r, and make a new token"] : [],
            _folder.Warnings());
    }

    [Theory]
    [InlineData("allow = 10.0.0.0/8", "allow: without address nobody can connect, so this does nothing: write address = 127.0.0.1:9180, or remove this key")]
    [InlineData("token-file = token",
        "token-file: without address nobody can connect, so this does nothing: write address = 127.0.0.1:9180, or remove this key")]
    [InlineData("address = :9180",
        "address: 0.0.0.0:9180 is every address, but without allow only this machine is served: write 127.0.0.1:9180, or allow = 192.168.0.0/16")]
    [InlineData("address =\nallow =\ntoken-file =")]
    [InlineData("address = 0.0.0.0:9180\nallow = 10.0.0.0/8")]
    public void What_does_not_fit_together_is_warned_of(string lines, params string[] sentences)
    {
        _folder.Write("token", Token);
        File.SetUnixFileMode(Path.Combine(_folder.Root, "token"), UnixFileMode.UserRead);
        Load(lines);
        Assert.Equal(sentences.Select(sentence => $"fastsni.ini:5: [admin] {sentence}"), _folder.Warnings());
    }

    private Snapshot Load(string lines) => _folder.Write(ConfigFolder.Main, $"{ConfigFolder.Reject}[admin]\n{lines}\n").Snapshot();
}
