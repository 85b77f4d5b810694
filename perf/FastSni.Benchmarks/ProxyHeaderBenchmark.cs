using System.Net;
using BenchmarkDotNet.Attributes;
using FastSni.Wire;

namespace FastSni.Benchmarks;

/// <summary>Writing a PROXY header as backends get it, and reading it as a trusted peer's.</summary>
[MemoryDiagnoser]
public class ProxyHeaderBenchmark
{
    private readonly byte[] _line = new byte[ProxyHeader.V1BytesMax];
    private readonly byte[] _header = new byte[ProxyHeader.BytesMax];
    private IpEndpoint _client;
    private IpEndpoint _server;
    private int _lineBytes;
    private int _headerBytes;

    [Params("192.0.2.123", "2001:db8:85a3::8a2e:370:7334")]
    public string Address { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _client = IpEndpoint.Create(IPAddress.Parse(Address), 50123);
        _server = IpEndpoint.Create(IPAddress.Parse(Address), 443);
        _lineBytes = WriteV1();
        _headerBytes = WriteV2();
    }

    [Benchmark]
    public int WriteV1() => ProxyHeader.WriteV1(_line, _client, _server);

    /// <summary>With a server name and a checksum over all of it.</summary>
    [Benchmark]
    public int WriteV2() =>
        ProxyHeader.WriteV2(_header, _client, _server, new ProxyTlvSet { Authority = "app.example.org"u8, Crc32c = true });

    [Benchmark]
    public int ReadV1() => Read(_line.AsSpan(0, _lineBytes));

    [Benchmark]
    public int ReadV2() => Read(_header.AsSpan(0, _headerBytes));

    private static int Read(ReadOnlySpan<byte> bytes)
    {
        ProxyHeader.Read(bytes, out ReceivedProxyHeader header, out _);
        return header.Source.Port;
    }
}
