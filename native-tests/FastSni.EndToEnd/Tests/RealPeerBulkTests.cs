using System.Net.Sockets;
using System.Security.Cryptography;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>A large body through the gateway, up and down, with real programs at both ends: the same bytes, by SHA-256.</summary>
[Collection(Alone.Name)]
public sealed class RealPeerBulkTests
{
    private const int Bytes = 64 << 20;

    [SkippableTheory]
    [InlineData("nginx", "--http1.1", AddressFamily.InterNetwork, 1)]
    [InlineData("nginx", "--http2", AddressFamily.InterNetwork, 2)]
    [InlineData("nginx", "--http1.1", AddressFamily.InterNetworkV6, 2)]
    [InlineData("haproxy", "--http1.1", AddressFamily.InterNetwork, 2)]
    [InlineData("haproxy", "--http2", AddressFamily.InterNetworkV6, 1)]
    public async Task A_body_of_64_MiB_is_byte_exact_both_ways(string server, string version, AddressFamily family, int workers)
    {
        Tool.Require("curl");
        await using Nginx nginx = await Nginx.StartAsync("nginx-a");
        await using Haproxy haproxy = await Haproxy.StartAsync("haproxy-b", nginx);
        Daemon backend = server == "nginx" ? nginx : haproxy;
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers, family)
            .Passthrough("a", "a.home.test", backend.EndPoint(family).ToString(), ("proxy-protocol", "v1")));
        string source = Path.Combine(gateway.Directory, "source"), back = Path.Combine(gateway.Directory, "back");
        byte[] body = new Pattern(64).Bytes(Bytes);
        await File.WriteAllBytesAsync(source, body);
        byte[] expected = SHA256.HashData(body);

        (await Curl.RunAsync("a.home.test", "/files/body", gateway.Https, version, "--upload-file", source, "--fail")).AssertSuccess();
        Assert.Equal(expected, await HashAsync(Path.Combine(nginx.FilesDirectory, "body")));
        (await Curl.RunAsync("a.home.test", "/files/body", gateway.Https, version, "--output", back, "--fail")).AssertSuccess();
        Assert.Equal(expected, await HashAsync(back));

        IReadOnlyList<AccessLogLine> lines = await gateway.AccessLog.LinesAsync(2);
        Assert.Contains(lines, line => line.Up > Bytes);
        Assert.Contains(lines, line => line.Down > Bytes);
    }

    private static async Task<byte[]> HashAsync(string path)
    {
        await using FileStream file = File.OpenRead(path);
        return await SHA256.HashDataAsync(file);
    }
}
