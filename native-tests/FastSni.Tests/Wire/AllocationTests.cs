using System.Net;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

/// <summary>Nothing here may leave garbage: it runs for every connection, on the loop.</summary>
public class AllocationTests
{
    private static readonly byte[] Message = HelloBuilder.Message(HelloBuilder.ServerName("app.example.org"), HelloBuilder.Alpn("h2", "http/1.1"));

    [Fact]
    public void Reading_hellos_allocates_nothing()
    {
        byte[] inOneRecord = HelloBuilder.Record(Message);
        byte[] inMany = HelloBuilder.Records(Message, 7);
        byte[] malformed = HelloBuilder.Record([.. Message[..^1]]);
        byte[] buffer = new byte[2048];
        int nameBytes = 0;
        AssertAllocatesNothing(() =>
        {
            nameBytes += Read(inOneRecord) + Read(inMany) + Read(malformed);
            for (int length = 0; length < inMany.Length; length++)
                ClientHello.Read(Copy(inMany.AsSpan(0, length)), Outcome.DefaultLimitBytes, out _, out _);
        });
        Assert.NotEqual(0, nameBytes);

        int Read(byte[] wire)
        {
            ClientHello.Read(Copy(wire), Outcome.DefaultLimitBytes, out ClientHello hello, out _);
            int bytes = hello.ServerName.Length;
            foreach (ReadOnlySpan<byte> name in AlpnNames.Of(hello.AlpnList))
                bytes += name.Length;
            return bytes;
        }

        Span<byte> Copy(ReadOnlySpan<byte> wire)
        {
            wire.CopyTo(buffer);
            return buffer.AsSpan(0, wire.Length);
        }
    }

    [Fact]
    public void Writing_PROXY_headers_and_addresses_allocates_nothing()
    {
        IpEndpoint v4 = IpEndpoint.Create(IPAddress.Parse("192.0.2.1"), 50123);
        IpEndpoint v6 = IpEndpoint.Create(IPAddress.Parse("2001:db8::7"), 443);
        byte[] target = new byte[ProxyHeader.BytesMax];
        int total = 0;
        AssertAllocatesNothing(() =>
        {
            var tlvs = new ProxyTlvSet { Authority = "app.example.org"u8, Alpn = "h2"u8, UniqueId = "42"u8, Crc32c = true };
            total += ProxyHeader.WriteV1(target, v4, v4) + ProxyHeader.WriteV1(target, v4, v6) + ProxyHeader.WriteV1(target, default, v6);
            total += ProxyHeader.WriteV2(target, v6, v4, tlvs) + ProxyHeader.WriteV2Local(target);
            v4.TryFormat(target, out _);
            v6.TryFormat(target, out _);
            v6.TryFormatAddress(target, out _);
            total += ProxyHeader.MatchSignature(target) == SignatureMatch.Whole ? TlsAlert.UnrecognizedName.Length : TlsAlert.DecodeError.Length;
        });
        Assert.NotEqual(0, total);
    }

    [Fact]
    public void Reading_PROXY_headers_and_asking_prefixes_allocates_nothing()
    {
        byte[][] headers = [.. ProxyRow.All.Select(row => row.Bytes)];
        AddressPrefix prefix = AddressPrefix.Of(IPNetwork.Parse("2001:db8::/32"));
        int total = 0;
        AssertAllocatesNothing(() =>
        {
            foreach (byte[] bytes in headers)
            {
                ProxyHeader.Read(bytes, out ReceivedProxyHeader header, out int needBytes);
                total += header.Bytes + needBytes + (prefix.Contains(header.Source) ? 1 : 0);
            }
        });
        Assert.NotEqual(0, total);
    }

    private static void AssertAllocatesNothing(Action action)
    {
        action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 10; round++)
            action();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
