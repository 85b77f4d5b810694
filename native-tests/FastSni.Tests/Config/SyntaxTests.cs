using System.Text;
using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

public class SyntaxTests
{
    [Fact]
    public void Comments_blank_lines_and_windows_line_ends_are_passed_over()
    {
        Snapshot snapshot = ConfigFolder.SnapshotOf(
            "; first\r\n# second\r\n\r\n  [gateway]  \r\n\thello-timeout\t=\t7s\r\n" +
            ConfigFolder.Reject.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Equal(TimeSpan.FromSeconds(7), snapshot.Gateway.HelloTimeout);
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over() =>
        Assert.Equal(3, ConfigFolder.SnapshotOf("\uFEFF[gateway]\nworkers = 3\n" + ConfigFolder.Reject).Gateway.Workers);

    [Fact]
    public void Sections_and_keys_are_found_in_any_case() =>
        Assert.Equal(3, ConfigFolder.SnapshotOf("[GateWay]\nWorkers = 3\n" + ConfigFolder.Reject).Gateway.Workers);

    [Fact]
    public void A_quoted_value_loses_its_quotes_and_keeps_the_rest() =>
        Assert.Equal("/var/log/a ; b #c", ConfigFolder.SnapshotOf("[gateway]\nlog = \"/var/log/a ; b #c\"\n" + ConfigFolder.Reject).Gateway.Log);

    [Fact]
    public void A_semicolon_without_a_blank_before_it_belongs_to_the_value() =>
        Assert.Equal("/var/log/a;b#c", ConfigFolder.SnapshotOf("[gateway]\nlog = /var/log/a;b#c\n" + ConfigFolder.Reject).Gateway.Log);

    [Theory]
    [InlineData("hello-timeout = 5s ; from accept")]
    [InlineData("hello-timeout = 5s # from accept")]
    [InlineData("hello-timeout = 5s\t; from accept")]
    [InlineData("hello-timeout = ; nothing")]
    [InlineData("hello-timeout =#nothing")]
    public void A_comment_behind_a_value_is_an_error_that_says_to_quote(string line) => Assert.Equal(
        ["fastsni.ini:5: [gateway] hello-timeout: a comment stands on a line of its own; where ; or # is part of the value, " +
            "put the whole value in double quotes"],
        ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}[gateway]\n{line}\n"));

    [Theory]
    [InlineData("workers", "[gateway]: there is no \"=\" in this line: write key = value, or begin a comment with ; or #")]
    [InlineData("= 3", "[gateway]: there is no key before the \"=\": write key = value")]
    [InlineData("/ workers", "[gateway]: a line cannot begin with \"/\": a comment begins with ; or #")]
    [InlineData("workers = \"3", "[gateway] workers: the value begins with a double quote but does not end with one")]
    [InlineData("workers = \"", "[gateway] workers: the value begins with a double quote but does not end with one")]
    [InlineData("[default", "the bracket is not closed: write [gateway] or [passthrough:NAME]")]
    [InlineData("[bans] ; later", "text behind the closing bracket: a comment stands on a line of its own")]
    [InlineData("log = /a\u0007b", "[gateway]: a control character in this line: remove it")]
    [InlineData("log\u009B31m = /a", "[gateway]: a control character in this line: remove it")]
    [InlineData("log = /a\rb", "[gateway]: a control character in this line: remove it")]
    public void A_line_that_is_none_is_an_error_with_its_remedy(string line, string message) =>
        Assert.Equal([$"fastsni.ini:5: {message}"], ConfigFolder.ErrorsOf($"{ConfigFolder.Reject}[gateway]\n{line}\n"));

    [Fact]
    public void A_key_above_the_first_section_is_an_error() => Assert.Equal(
        ["fastsni.ini:1: workers: this key stands before the first section: write [gateway] above it"],
        ConfigFolder.ErrorsOf("workers = 3\n" + ConfigFolder.Reject));

    [Fact]
    public void A_line_that_is_not_utf8_is_an_error_and_the_rest_is_still_checked()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, [.. "[gateway]\nlog = /\xFF\nworkers = many\n"u8, .. Encoding.UTF8.GetBytes(ConfigFolder.Reject)]);
        byte[] bytes = File.ReadAllBytes(Path.Combine(folder.Root, ConfigFolder.Main));
        bytes[Array.IndexOf(bytes, (byte)'/') + 1] = 0xFF;
        folder.Write(ConfigFolder.Main, bytes);
        Assert.Equal(
            ["fastsni.ini:2: [gateway]: this line is not valid UTF-8: save the file as UTF-8",
             "fastsni.ini:3: [gateway] workers: \"many\" is not a whole number: write auto, or 1 to 256"],
            folder.Errors());
    }

    [Theory]
    [InlineData("[gateway]\nworkers = 1\0\n", 2)]
    [InlineData("\0", 1)]
    public void A_nul_byte_says_that_this_is_no_text(string text, int line) => Assert.Equal(
        [$"fastsni.ini:{line}: a NUL byte: this is not a text file in UTF-8"], ConfigFolder.ErrorsOf(text));

    [Fact]
    public void Utf16_says_that_this_is_no_text()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(ConfigFolder.Reject)]);
        Assert.Equal(["fastsni.ini:1: a NUL byte: this is not a text file in UTF-8"], folder.Errors());
    }

    [Fact]
    public void A_file_above_16_MiB_is_an_error_that_points_to_names_file()
    {
        using ConfigFolder folder = new();
        byte[] comment = new byte[(16 << 20) + 1];
        Array.Fill(comment, (byte)'#');
        folder.Write(ConfigFolder.Main, comment);
        Assert.Equal(["fastsni.ini: the file is larger than 16 MiB; large tables of names belong in a names-file"], folder.Errors());
    }

    [Fact]
    public void A_missing_file_is_an_error()
    {
        using ConfigFolder folder = new();
        Assert.Equal(["fastsni.ini: there is no such file"], folder.Errors());
    }

    [Fact]
    public void A_folder_instead_of_a_file_is_an_error()
    {
        using ConfigFolder folder = new();
        Directory.CreateDirectory(Path.Combine(folder.Root, ConfigFolder.Main));
        Assert.Equal(["fastsni.ini: this is a directory; a file is needed"], folder.Errors());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    public void A_file_name_that_is_none_is_an_error(string path) =>
        Assert.Equal("this is no usable file name", Assert.Single(ConfigLoader.Load(path).Errors).Sentence);

    [Fact]
    public void A_file_without_end_is_read_up_to_the_limit() =>
        Assert.Equal("the file is larger than 16 MiB; large tables of names belong in a names-file",
            Assert.Single(ConfigLoader.Load("/dev/zero").Errors).Sentence);

    [Fact]
    public void A_last_line_without_its_newline_is_a_warning()
    {
        using ConfigFolder folder = new();
        folder.Write(ConfigFolder.Main, ConfigFolder.Reject.TrimEnd());
        Assert.Equal(["fastsni.ini:3: [default]: the file does not end with a newline: has it been cut short?"], folder.Warnings());
    }
}
