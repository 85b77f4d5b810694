using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Backends with host names: the addresses change, and the name service dies. The gateway's /etc/hosts and resolv.conf are the test's.</summary>
[Collection(Alone.Name)]
public sealed class NameServiceTests : IDisposable
{
    private const string Host = "backend.fastsni.test";

    // A resolver waits for a dead server 5 seconds, and asks it twice.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(2), Slack = TimeSpan.FromSeconds(2.5);

    private readonly DirectoryInfo _etc = Directory.CreateTempSubdirectory("fastsni-e2e-etc-");
    private readonly Socket _deadServer = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    [SkippableFact]
    public async Task A_changed_address_is_followed_and_a_dead_name_service_leaves_the_last_good_one()
    {
        int port = Loopback.NextPort();
        using TestBackend first = TestBackend.Start("first", at: new IPEndPoint(Loopback.NextAddress(), port));
        using TestBackend second = TestBackend.Start("second", at: new IPEndPoint(Loopback.NextAddress(), port));
        using TestBackend other = TestBackend.Start("other");
        string[] under = await UnderAsync();
        WriteHosts(first);
        await using Gateway gateway = await Gateway.StartUnderAsync(
            GatewayConfig.Https().Gateway("resolve-interval", "1s").Passthrough("b", "b.home.test", other)
                .Passthrough("a", "a.home.test", $"{Host}:{port}", ("proxy-protocol", "v1")),
            _ => under);
        Assert.Equal("first", await gateway.AskAsync("a.home.test"));

        WriteHosts(second);
        await Patience.UntilAsync(async () => await gateway.AskAsync("a.home.test") == "second", () => $"the new address\n{gateway.Log.Tail}");

        // From here on the name is asked of a server that never answers.
        WriteHosts(null);
        await gateway.Log.LineAsync(
            line => line.Contains("keeping the last good answer", StringComparison.Ordinal), "the name service is dead", TimeSpan.FromSeconds(60));
        Assert.Equal("second", await gateway.AskAsync("a.home.test"));
        Assert.Equal("other", await gateway.AskAsync("b.home.test"));

        WriteHosts(first);
        await Patience.UntilAsync(
            async () => await gateway.AskAsync("a.home.test") == "first", () => $"the name service to be heard again\n{gateway.Log.Tail}", TimeSpan.FromSeconds(60));
    }

    [SkippableFact]
    public async Task A_dead_name_service_delays_no_start_and_no_other_route()
    {
        using TestBackend other = TestBackend.Start("other");
        string[] under = await UnderAsync();
        WriteHosts(null);
        long start = Stopwatch.GetTimestamp();
        await using Gateway gateway = await Gateway.StartUnderAsync(
            GatewayConfig.Https().Passthrough("b", "b.home.test", other).Passthrough("a", "a.home.test", $"{Host}:443"), _ => under);
        TimeSpan startup = Stopwatch.GetElapsedTime(start);
        Assert.True(startup < StartPatience + Slack, $"the start took {startup}");
        Assert.Equal("other", await gateway.AskAsync("b.home.test"));
        using TestClient client = await gateway.ConnectAsync();
        Assert.Equal("closed", await client.AskAsync("a.home.test"));
        Assert.Equal("no-backend", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
        gateway.Send(Signal.Terminate);
        Assert.Equal(0, await gateway.ExitAsync());
    }

    public void Dispose()
    {
        _deadServer.Dispose();
        _etc.Delete(recursive: true);
    }

    private async Task<string[]> UnderAsync()
    {
        IPAddress address = Loopback.NextAddress();
        try
        {
            _deadServer.Bind(new IPEndPoint(address, 53));
        }
        catch (SocketException failure)
        {
            Skip.If(true, $"port 53 can't be had here: {failure.Message}");
        }
        File.WriteAllText($"{_etc.FullName}/resolv.conf", $"nameserver {address}\n");
        File.WriteAllText($"{_etc.FullName}/nsswitch.conf", "hosts: files dns\n");
        File.WriteAllText($"{_etc.FullName}/hosts", "");
        return await Confinement.MountsAsync(string.Join(" && ", new[] { "resolv.conf", "nsswitch.conf", "hosts" }
            .Where(file => File.Exists($"/etc/{file}")).Select(file => $"mount --bind {_etc.FullName}/{file} /etc/{file}")));
    }

    // In place: what is mounted is the file, not its name.
    private void WriteHosts(TestBackend? backend) => File.WriteAllText(
        $"{_etc.FullName}/hosts", backend is null ? "127.0.0.1 localhost\n" : $"127.0.0.1 localhost\n{((IPEndPoint)backend.EndPoint).Address} {Host}\n");
}
