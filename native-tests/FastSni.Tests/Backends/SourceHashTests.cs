using System.Net;
using FastSni.Backends;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Backends;

/// <summary>Two routers with the same configuration must agree, today and after an update: the numbers are fixed.</summary>
public class SourceHashTests
{
    [Theory]
    [InlineData("", 0xcbf29ce484222325)]
    [InlineData("a", 0xaf63dc4c8601ec8c)]
    [InlineData("foobar", 0x85944171f73967e8)]
    public void The_hash_is_FNV_1a(string text, ulong hash) => Assert.Equal(hash, SourceHash.Of(text));

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.10:443", 0x5da9ee1cfdc4ea3c)]
    [InlineData("2001:db8:0:7::1", "backend.example.org", 0x425cdf80d06138a9)]
    [InlineData("2001:db8:0:7:9::2", "backend.example.org", 0x425cdf80d06138a9)]
    public void The_weight_of_a_server_for_a_client_is_fixed(string client, string server, ulong weight)
    {
        foreach (int port in new[] { 1, 65_535 })
            Assert.Equal(weight, SourceHash.Weight(IpEndpoint.Create(IPAddress.Parse(client), port), SourceHash.Of(server)));
    }
}
