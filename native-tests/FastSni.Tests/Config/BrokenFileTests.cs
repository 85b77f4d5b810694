using System.Collections.Immutable;
using System.Text;
using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

/// <summary>Files broken in every way we could think of: always errors, never an exception.</summary>
public class BrokenFileTests
{
    private const string Whole = """
        ; A file that is whole.
        [gateway]
        workers       = 4
        hello-timeout = 5s
        hello-limit   = 64k
        log           = "/var/log/fastsni/log"

        [listen:https]
        address = :443, [2001:db8::1]:8443
        mode    = tls

        [listen:smtp]
        address        = :25
        mode           = tcp
        backend        = 192.168.99.11
        proxy-protocol = v2

        [passthrough:yunohost]
        names     = yunohost.example.org, *.yunohost.example.org, bücher.example
        backend   = 192.168.99.11:443, [2001:db8::2]:443, unix:/run/yunohost.sock
        balance   = source

        [passthrough:other]
        names   = other.example.org
        backend = other.internal:443
        listen  = https

        [default]
        action         = passthrough:other
        no-name-action = reject

        """;

    private static readonly string[] Insertions =
    [
        "x", "= x", "[", "[]", "[gateway", "]", "[:]", "[passthrough:]", "[unknown]", "[gateway] x",
        "[passthrough:yunohost]\nnames = x.org\nbackend = x",
        "/", "//", "workers = 4", "key = value", "names", "\"", "a = \"", "\0",
        "\u0001 = 1", "=", "==", "a = b ; c", "[offload:a]", "[acme]", "[bans]\nnever = x",
    ];

    [Fact]
    public void The_file_itself_is_whole() => Assert.Empty(ConfigFolder.ErrorsOf(Whole));

    [Fact]
    public void Cut_inside_a_line_it_is_an_error_or_a_warning()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Whole);
        using ConfigFolder folder = new();
        for (int length = 1; length < whole.Length; length++)
        {
            if (whole[length - 1] != '\n' && folder.Write(ConfigFolder.Main, whole[..length]).Load().Snapshot is { } snapshot)
                Assert.Contains(snapshot.Warnings, warning => warning.Contains("has it been cut short?", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Cut_before_its_first_section_it_is_an_error()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Whole);
        using ConfigFolder folder = new();
        for (int length = 0; length <= Whole.IndexOf("[gateway]", StringComparison.Ordinal); length++)
            AssertBroken(folder.Write(ConfigFolder.Main, whole[..length]), $"cut to {length} bytes");
        Assert.Equal(
            ["fastsni.ini: there is no section in it: has it been cut short? Where every default is meant, write [gateway]"], ConfigFolder.ErrorsOf(""));
    }

    [Fact]
    public void With_a_wrong_line_anywhere_it_is_an_error_with_a_line()
    {
        string[] lines = Whole.Split('\n');
        using ConfigFolder folder = new();
        for (int at = 0; at < lines.Length; at++)
        {
            foreach (string insertion in Insertions)
            {
                folder.Write(ConfigFolder.Main, string.Join('\n', [.. lines[..at], insertion, .. lines[at..]]));
                Assert.Contains(AssertBroken(folder, $"{insertion} at line {at + 1}"), error => error.Line > 0);
            }
        }
    }

    [Fact]
    public void With_any_line_twice_it_is_an_error_or_the_same()
    {
        string[] lines = Whole.Split('\n');
        using ConfigFolder folder = new();
        for (int at = 0; at < lines.Length; at++)
        {
            folder.Write(ConfigFolder.Main, string.Join('\n', [.. lines[..at], lines[at], .. lines[at..]]));
            bool isHarmless = lines[at].Length == 0 || lines[at][0] == ';' || lines[at] is "[gateway]" or "[default]";
            Assert.Equal(isHarmless, folder.Errors().Length == 0);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void With_random_bytes_it_never_throws(int seed)
    {
        Random random = new(seed);
        byte[] whole = Encoding.UTF8.GetBytes(Whole);
        using ConfigFolder folder = new();
        for (int round = 0; round < 1000; round++)
        {
            byte[] broken = [.. whole];
            for (int changes = random.Next(1, 8); changes > 0; changes--)
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            folder.Write(ConfigFolder.Main, broken).Errors();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Noise_is_an_error(int seed)
    {
        Random random = new(seed);
        using ConfigFolder folder = new();
        for (int round = 0; round < 200; round++)
        {
            byte[] noise = new byte[random.Next(1, 4000)];
            random.NextBytes(noise);
            AssertBroken(folder.Write(ConfigFolder.Main, noise), $"noise {round}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Words_of_the_language_in_any_order_never_throw(int seed)
    {
        Random random = new(seed);
        string[] words =
        [
            .. ConfigKeys.All.Select(key => $"{key.Key} = "), .. ConfigKeys.All.Select(key => $"[{key.Section}:a]\n"),
            "[gateway]\n", "[default]\n", "[listen:b]\n",
            "\n", ",", " ", "*", ".", ":", "[", "]", "=", "\"", "unix:", "passthrough:a", "reject", "off", "v2", "1",
            "999999999999", "5s", "k", "é", "\u0308", "example.org", "192.0.2.1", "2001:db8::1", "/", "%", "-", "tls", "tcp", "auto",
            "offload:", "xn--", "ß",
        ];
        using ConfigFolder folder = new();
        for (int round = 0; round < 1000; round++)
            folder.Write(ConfigFolder.Main, string.Concat(random.GetItems(words, random.Next(60)))).Errors();
    }

    private static ImmutableArray<ConfigError> AssertBroken(ConfigFolder folder, string how)
    {
        ConfigResult result = folder.Load();
        Assert.True(result.Snapshot is null && result.Errors.Length > 0, how);
        Assert.All(result.Errors, error => Assert.True(error.File.Length > 0 && error.Line >= 0 && error.Sentence.Length > 0, how));
        return result.Errors;
    }
}
