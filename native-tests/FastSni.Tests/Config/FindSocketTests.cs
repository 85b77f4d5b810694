using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

/// <summary>Where the commands look for the gateway, whatever else is wrong with the file.</summary>
public sealed class FindSocketTests
{
    private const string Default = "/run/fastsni/control.sock";

    [Theory]
    [InlineData("[gateway]\n", Default)]
    [InlineData("[admin]\nsocket = /run/other.sock\n", "/run/other.sock")]
    [InlineData("[admin]\nsocket = /run/other.sock\n[offload:a]\nnames = a.home.test\ncertificate = /not/to/be/read.pem\nbackend = http://192.0.2.1\n", "/run/other.sock")]
    [InlineData("[admin]\nsocket = OFF\n", null)]
    public void A_file_says_it_though_its_certificates_can_not_be_read(string text, string? expected)
    {
        string file = Write(text);
        Assert.Equal(expected, ConfigLoader.FindSocket(file, out ConfigError? error));
        Assert.Null(error);
        File.Delete(file);
    }

    [Fact]
    public void Errors_elsewhere_are_told_and_the_socket_is_found()
    {
        string file = Write("[admin]\nsocket = /run/other.sock\n[gatway]\nworkers = 1\n");
        Assert.Equal("/run/other.sock", ConfigLoader.FindSocket(file, out ConfigError? error));
        Assert.Equal(3, error!.Line);
        File.Delete(file);
    }

    [Fact]
    public void Without_a_file_it_is_the_default()
    {
        Assert.Equal(Default, ConfigLoader.FindSocket("/nonexistent/fastsni.ini", out ConfigError? error));
        Assert.Equal("/nonexistent/fastsni.ini", error!.File);
    }

    private static string Write(string text)
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("fastsni-socket-").FullName, "fastsni.ini");
        File.WriteAllText(file, text);
        return file;
    }
}
