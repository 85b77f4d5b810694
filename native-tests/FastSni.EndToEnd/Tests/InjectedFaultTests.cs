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
    [InlineData("splice:error=ENOMEM:when=4+")]
    [InlineData("splice:error=EINTR:when=2+2")]
    [InlineData("splice:error=EINVAL")]
    [InlineData("pipe2:error=EMFILE")]
    [InlineData("pipe2:error=ENFILE:when=1+2")]
    [InlineData("pipe2:error=ENFILE")]
    [InlineData("pipe2:error=ENOMEM:when=1+2")]
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

    /// <summary>Bytes that lie in a pipe and can't be got out of it: the session is cut at once, and neither side takes it for whole.</summary>
    [SkippableFact]
    public async Task A_pipe_that_cannot_be_emptied_costs_its_session_alone_and_at_once()
    {
        using TestBackend backend = TestBackend.Start("a", PourAsync, proxy: false), plain = TestBackend.Start("b");
        // Were it to wait for an end of the source, it would do so for half-close-timeout.
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Gateway("half-close-timeout", "10m")
            .Passthrough("a", "a.home.test", backend).Passthrough("b", "b.home.test", plain));
        using TestClient guest = await gateway.ConnectAsync(), client = await gateway.ConnectAsync();
        Assert.Equal($"b {guest.LocalEndPoint}", await guest.AskAsync("b.home.test"));
        await client.SendAsync(HelloBytes.For("a.home.test"));
        // Nothing is read yet, so the pipe keeps what it holds.
        await Patience.UntilAsync(async () => (await GatewayStatus.OfAsync(gateway)).Counter("pipes-held") > 0, () => "a pipe with bytes in it");
        await using (await Strace.AttachAsync(gateway, "splice:error=ENOMEM"))
            Assert.Equal(Ending.Reset, (await client.ReceivePatternAsync(new Pattern(2))).Ending);
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Equal("error", line.End);
        await gateway.Log.LineWithAsync("failed for a reason on this side: NoMemory");
        Assert.Equal("b", await gateway.AskAsync("b.home.test"));
        guest.ShutdownSend();
        Assert.Equal(Ending.Fin, (await guest.ReceiveToEndAsync()).Ending);
    }

    /// <summary>A stream without an end.</summary>
    private static async Task PourAsync(BackendSession session)
    {
        await session.ReceiveExactlyAsync(1);
        await session.SendPatternAsync(new Pattern(2), long.MaxValue);
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
