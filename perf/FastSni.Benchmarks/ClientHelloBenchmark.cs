using BenchmarkDotNet.Attributes;
using FastSni.Wire;

namespace FastSni.Benchmarks;

/// <summary>Reading a whole hello. One in several records is joined in place, so each turn starts from a fresh copy: the baseline.</summary>
[MemoryDiagnoser]
public class ClientHelloBenchmark
{
    private const int LimitBytes = 64 * 1024;

    private byte[] _received = [];
    private byte[] _work = [];

    /// <summary>Bytes of hello in each TLS record; the greatest allowed makes one record of it.</summary>
    [Params(16384, 512, 16)]
    public int RecordBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _received = BrowserHello.InRecordsOf(RecordBytes);
        _work = new byte[_received.Length];
    }

    [Benchmark(Baseline = true)]
    public int CopyOnly()
    {
        _received.CopyTo(_work, 0);
        return _work[^1];
    }

    [Benchmark]
    public int Read()
    {
        _received.CopyTo(_work, 0);
        ClientHello.Read(_work, LimitBytes, out ClientHello hello, out _);
        return hello.ServerName.Length;
    }
}
