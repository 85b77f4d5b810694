using System.Text;
using BenchmarkDotNet.Attributes;
using FastSni.Config;

namespace FastSni.Benchmarks;

/// <summary>Looking names up in tables of several sizes, a different name each time, so that big tables pay for their cache misses.</summary>
[MemoryDiagnoser]
public class RouteTableBenchmark
{
    private const int LookupsPerTurn = 4096;
    private const int Seed = 1;

    private readonly byte[][] _known = new byte[LookupsPerTurn][];
    private readonly byte[][] _wild = new byte[LookupsPerTurn][];
    private readonly byte[][] _unknown = new byte[LookupsPerTurn][];
    private RouteTable _table = RouteTable.Empty;

    [Params(10, 1_000, 100_000, 1_000_000)]
    public int Names { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _table = LoadTable();
        Random random = new(Seed);
        for (int i = 0; i < LookupsPerTurn; i++)
        {
            int name = random.Next(Names);
            _known[i] = Encoding.ASCII.GetBytes(NameOf(name));
            _wild[i] = Encoding.ASCII.GetBytes($"www.{WildcardOf(name)}");
            _unknown[i] = Encoding.ASCII.GetBytes($"nobody{name}.example.org");
        }
        if (_table.Find(_known[0]) < 0 || _table.Find(_wild[0]) < 0 || _table.Find(_unknown[0]) >= 0)
            throw new InvalidOperationException("the table does not route as this benchmark expects");
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = LookupsPerTurn)]
    public int Known() => FindAll(_known);

    [Benchmark(OperationsPerInvoke = LookupsPerTurn)]
    public int UnderWildcard() => FindAll(_wild);

    [Benchmark(OperationsPerInvoke = LookupsPerTurn)]
    public int Unknown() => FindAll(_unknown);

    private int FindAll(byte[][] names)
    {
        int sum = 0;
        foreach (byte[] name in names)
            sum += _table.Find(name);
        return sum;
    }

    private RouteTable LoadTable()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("fastsni-benchmark-");
        try
        {
            string names = Path.Combine(directory.FullName, "names.txt"), config = Path.Combine(directory.FullName, "fastsni.ini");
            File.WriteAllLines(names, Enumerable.Range(0, Names).SelectMany(i => new[] { NameOf(i), "*." + WildcardOf(i) }));
            File.WriteAllText(config, $"""
                [listen:https]
                address = 127.0.0.1:8443
                mode = tls
                [passthrough:bench]
                names-file = {names}
                backend = 127.0.0.1:9443
                [default]
                action = reject
                no-name-action = reject

                """);
            ConfigResult result = ConfigLoader.Load(config);
            return result.Snapshot?.Listeners[0].Names ?? throw new InvalidOperationException(string.Join('\n', result.Errors));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string NameOf(int i) => $"host{i}.example.org";

    private static string WildcardOf(int i) => $"tenant{i}.example.net";
}
