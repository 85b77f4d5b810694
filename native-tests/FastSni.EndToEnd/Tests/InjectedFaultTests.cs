using System.Net.Sockets;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>
/// The kernel says no in the middle of things. A transfer is right to the last byte, or that one connection ends; the process lives.
/// </summary>
[Collection(Alone.Name)]
public sealed class InjectedFaultTests
{
    private const long Bytes = 3 << 20;

    [SkippableTheory]
    [InlineData("splice:error=EAGAIN:when=3+3")]
    [InlineData("splice:error=ENOMEM:when=5+7")]
    [InlineData("splice:error=EINTR:when=2+2")]
    [InlineData("splice:error=EINVAL")]
    [InlineData("pipe2:error=EMFILE")]
    [InlineData("pipe2:error=ENFILE:when=1+2")]
    [InlineData("fcntl:error=EPERM")]
    [InlineData("sendmsg,sendto:error=EINTR:when=2+3")]
    [InlineData("recvmsg,recvfrom:error=EINTR:when=2+3")]
    public async Task A_failing_system_call_costs_no_more_than_the_connection_it_hit(string injection)
    {
        using TestBackend backend = TestBackend.Start("a", BothWaysAsync);
        using TestBackend plain = TestBackend.Start("b");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers: 2)
            .Gateway("idle-timeout", "60s").Passthrough("a", "a.home.test", backend).Passthrough("b", "b.home.test", plain));
        int descriptors = gateway.Facts.Descriptors;

        await using (await Strace.AttachAsync(gateway, injection))
        {
            await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => TransferAsync(gateway))).Within("the transfers", Patience.BulkLimit);
            gateway.AssertAlive();
        }
        Assert.Equal("b", await gateway.AskAsync("b.home.test"));
        Assert.True(await TransferAsync(gateway), "a transfer after the trouble");
        backend.AssertNoFaults();
        await gateway.Facts.DescriptorsBackToAsync(descriptors + 64);
    }

    [SkippableFact]
    public async Task Without_pipes_bulk_is_copied_and_whole()
    {
        using TestBackend backend = TestBackend.Start("a", BothWaysAsync);
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        await using (Strace strace = await Strace.AttachAsync(gateway, "pipe2:error=EMFILE"))
        {
            Assert.True(await TransferAsync(gateway), "a transfer without pipes");
            // If this fails, the test no longer tests anything: the bulk went through without asking for a pipe.
            await Patience.UntilAsync(() => strace.Injected > 0, () => "a pipe to be refused");
        }
        backend.AssertNoFaults();
    }

    private static async Task BothWaysAsync(BackendSession session)
    {
        byte[] hello = new byte[HelloBytes.For("a.home.test").Length];
        for (int done = 0; done < hello.Length;)
        {
            int count = await session.ReceiveAsync(hello.AsMemory(done));
            if (count == 0)
                return;
            done += count;
        }
        Task<Received> up = session.ReceivePatternAsync(new Pattern(1));
        await session.SendPatternAsync(new Pattern(2), Bytes);
        session.ShutdownSend();
        Assert.Equal(-1, (await up).FirstDifference);
    }

    /// <summary>
    /// True where both ways came through whole; false where the connection ended early, which it may if the log does not call it complete. A wrong byte
    /// fails.
    /// </summary>
    private static async Task<bool> TransferAsync(Gateway gateway)
    {
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For("a.home.test"));
        Task<Received> down = client.ReceivePatternAsync(new Pattern(2));
        try
        {
            await client.SendPatternAsync(new Pattern(1), Bytes);
            client.ShutdownSend();
        }
        catch (SocketException)
        {
            // Ended early; what came down until then must still be right.
        }
        Received received = await down;
        client.Dispose();
        Assert.Equal(-1, received.FirstDifference);
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        bool isWhole = received.Bytes == Bytes && line.Up == Bytes + HelloBytes.For("a.home.test").Length && line.Down == Bytes;
        Assert.True(isWhole == (line.End == "complete"), $"{received} {line}");
        return isWhole;
    }
}
