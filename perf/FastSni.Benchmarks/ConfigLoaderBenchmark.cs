using BenchmarkDotNet.Attributes;
using FastSni.Config;

namespace FastSni.Benchmarks;

/// <summary>From an INI file to a frozen snapshot, as at the start and at every reload; the file lies in the page cache.</summary>
[MemoryDiagnoser]
public class ConfigLoaderBenchmark
{
    private const int Sections = 100, NamesPerSection = 100;

    private const string Small = """
        [gateway]
        workers = 2
        max-connections-per-client = 200
        [passthrough:cloud]
        names = cloud.example.org, *.cloud.example.org
        backend = 192.168.99.11:443
        proxy-protocol = v2
        http-backend = 192.168.99.11:80
        [passthrough:mail]
        names = mail.example.org, webmail.example.org
        backend = 192.168.99.12:443, 192.168.99.13:443
        [offload:app]
        names = app.example.eu
        backend = http://192.168.99.20:8080
        hsts = 90d
        [offload:api]
        names = api.example.eu
        backend = http://192.168.99.21:8080, http://192.168.99.22:8080
        [default]
        action = reject
        no-name-action = reject
        [listen:https]
        address = :443
        mode = tls
        [listen:http]
        address = :80
        mode = http

        """;

    private DirectoryInfo _directory = new(Path.GetTempPath());
    private string _small = "", _large = "";

    [GlobalSetup]
    public void Setup()
    {
        _directory = Directory.CreateTempSubdirectory("fastsni-benchmark-");
        (_small, _large) = (Path.Combine(_directory.FullName, "small.ini"), Path.Combine(_directory.FullName, "large.ini"));
        File.WriteAllText(_small, Small);
        File.WriteAllText(_large, Small + string.Concat(Enumerable.Range(0, Sections).Select(SectionText)));
    }

    [GlobalCleanup]
    public void Cleanup() => _directory.Delete(recursive: true);

    [Benchmark(Baseline = true)]
    public int FourSections() => Load(_small);

    /// <summary>In a hundred sections more.</summary>
    [Benchmark]
    public int TenThousandNames() => Load(_large);

    private static string SectionText(int section) => $"""
        [passthrough:tenant{section}]
        names = {string.Join(", ", Enumerable.Range(0, NamesPerSection).Select(name => $"host{name}.tenant{section}.example.org"))}
        backend = 10.0.0.{section + 1}:443

        """;

    private static int Load(string path)
    {
        ConfigResult result = ConfigLoader.Load(path);
        return result.Snapshot?.Sections.Length ?? throw new InvalidOperationException(string.Join('\n', result.Errors));
    }
}
