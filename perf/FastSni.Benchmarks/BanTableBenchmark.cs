using BenchmarkDotNet.Attributes;
using FastSni.Bans;
using FastSni.Wire;

namespace FastSni.Benchmarks;

/// <summary>
/// Asking who is banned, another client each time, so that big tables pay for their cache misses. Half the bans are by command and half
/// stand in the file; half are IPv4; one in ten is a prefix, of eight lengths in each family; half of those by command end some time.
/// </summary>
[MemoryDiagnoser]
public class BanTableBenchmark
{
    private const int LooksPerTurn = 16_384;
    private const int Seed = 1;

    private readonly IpEndpoint[] _banned = new IpEndpoint[LooksPerTurn];
    private readonly IpEndpoint[] _v4 = new IpEndpoint[LooksPerTurn];
    private readonly IpEndpoint[] _v6 = new IpEndpoint[LooksPerTurn];
    private BanTable _table = new();

    [Params(0, 1_000, 100_000)]
    public int Bans { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Random random = new(Seed);
        _table = new BanTable(TimeProvider.System);
        AddressPrefix[] prefixes = [.. Enumerable.Range(0, Bans).Select(i => PrefixOf(random, i))];
        for (int i = 0; i < Bans / 2; i++)
            _table.Set(prefixes[i], i % 4 < 2 ? BanTable.Never : TimeProvider.System.GetTimestamp() + (TimeProvider.System.TimestampFrequency * 3600));
        _table.List(new AddressSet(prefixes[(Bans / 2)..]));
        for (int i = 0; i < LooksPerTurn; i++)
        {
            _banned[i] = Bans == 0 ? AddressOf(random, isV4: true) : prefixes[random.Next(Bans)].First.WithPort(i);
            _v4[i] = AddressOf(random, isV4: true);
            _v6[i] = AddressOf(random, isV4: false);
        }
        if (Bans > 0 && !_table.IsBanned(_banned[0]))
            throw new InvalidOperationException("the table does not ban whom this benchmark expects");
    }

    [Benchmark(OperationsPerInvoke = LooksPerTurn)]
    public int Banned() => AskAll(_banned);

    [Benchmark(OperationsPerInvoke = LooksPerTurn)]
    public int FreeV4() => AskAll(_v4);

    [Benchmark(OperationsPerInvoke = LooksPerTurn)]
    public int FreeV6() => AskAll(_v6);

    private int AskAll(IpEndpoint[] clients)
    {
        int banned = 0;
        foreach (IpEndpoint client in clients)
            banned += _table.IsBanned(client) ? 1 : 0;
        return banned;
    }

    private static AddressPrefix PrefixOf(Random random, int i)
    {
        IpEndpoint address = AddressOf(random, isV4: i % 2 == 0);
        int bits = address.AddressBytes * 8;
        if (random.Next(10) == 0)
            bits = address.IsV4 ? random.Next(22, 30) : 32 + (4 * random.Next(8));
        return new AddressPrefix(address.Masked(bits), bits);
    }

    private static IpEndpoint AddressOf(Random random, bool isV4)
    {
        Span<byte> bytes = stackalloc byte[isV4 ? 4 : 16];
        random.NextBytes(bytes);
        return IpEndpoint.Create(bytes, 0);
    }
}
