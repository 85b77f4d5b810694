using System.Text;
using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Config;

/// <summary>A folder of configuration files for one test. Messages come without its path, so that tests can spell them out.</summary>
internal sealed class ConfigFolder : IDisposable
{
    public const string Main = "fastsni.ini";

    /// <summary>Three lines that make any file without offload complete.</summary>
    public const string Reject = "[default]\naction = reject\nno-name-action = reject\n";

    public string Root { get; } = Directory.CreateTempSubdirectory("fastsni-config-").FullName;

    /// <summary>The one file's errors, as they are printed.</summary>
    public static string[] ErrorsOf(string text)
    {
        using ConfigFolder folder = new();
        return folder.Write(Main, text).Errors();
    }

    /// <summary>The one file's snapshot; the test fails with its errors.</summary>
    public static Snapshot SnapshotOf(string text)
    {
        using ConfigFolder folder = new();
        return folder.Write(Main, text).Snapshot();
    }

    public ConfigFolder Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public ConfigFolder Write(string name, byte[] bytes)
    {
        string path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return this;
    }

    public ConfigResult Load() => ConfigLoader.Load(Path.Combine(Root, Main));

    public string[] Errors()
    {
        ConfigResult result = Load();
        Assert.Equal(result.Errors.IsEmpty, result.Snapshot is not null);
        return [.. result.Errors.Select(error => Shorten(error.ToString()))];
    }

    public Snapshot Snapshot()
    {
        Assert.Empty(Errors());
        return Load().Snapshot!;
    }

    public string[] Warnings() => [.. Snapshot().Warnings.Select(Shorten)];

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private string Shorten(string message) => message.Replace(Root + "/", "", StringComparison.Ordinal);
}
