using System.Text;
using System.Text.Json;
using FastSni.EndToEnd.Harness;
using Xunit.Abstractions;

namespace FastSni.EndToEnd.Tests.Operations;

/// <summary>The control socket of the running program against bad manners, while clients are served (T54).</summary>
[Collection(Alone.Name)]
public sealed class ControlHostilityTests(ITestOutputHelper output)
{
    private const int LineBytes = 10_000_000, IdleClients = 100, ServedMax = 32, Rounds = 3;

    [Fact]
    public async Task Garbage_endless_lines_and_idle_clients_do_no_harm()
    {
        using TestBackend backend = TestBackend.Start("a");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", backend));
        Task<int> traffic = AskOnAsync(gateway, out CancellationTokenSource enough);
        await AttackAsync(gateway);
        (long residentBefore, int descriptorsBefore) = (gateway.Facts.ResidentBytes, gateway.Facts.Descriptors);
        for (int round = 0; round < Rounds; round++)
            await AttackAsync(gateway);
        // One more may be under way: the client that asks on.
        await gateway.Facts.DescriptorsBackToAsync(descriptorsBefore + 4);
        long grown = gateway.Facts.ResidentBytes - residentBefore;
        await enough.CancelAsync();
        int served = await traffic;
        enough.Dispose();
        output.WriteLine($"RSS {residentBefore / 1024} kB, grown by {grown / 1024} kB over {Rounds} rounds; {served} clients served meanwhile");
        Assert.InRange(grown, long.MinValue, 8 * 1024 * 1024);
        Assert.True(served > 0);
        JsonElement counters = (await gateway.LookAsync("status")).GetProperty("counters");
        long Count(string name) => counters.GetProperty(name).GetInt64();
        Assert.Equal(1 + Rounds, Count("control-lines-too-long"));
        Assert.True(Count("control-connections-refused") >= (1 + Rounds) * (IdleClients - ServedMax), counters.ToString());
        Assert.True(Count("control-requests-malformed") >= 1 + Rounds, counters.ToString());
        gateway.AssertAlive();
    }

    [Fact]
    public async Task The_socket_goes_with_a_stop_and_what_a_killed_process_left_is_replaced()
    {
        string shared = Directory.CreateTempSubdirectory("fastsni-e2e-").FullName;
        string socket = Path.Combine(shared, "control.sock");
        try
        {
            GatewayConfig config = GatewayConfig.Https().Set("admin", "socket", socket);
            await using (Gateway killed = await Gateway.StartAsync(config))
            {
                await killed.OrderAsync("status");
                killed.Send(Signal.Kill);
                await killed.ExitAsync();
                Assert.True(File.Exists(socket));
                ToolResult nobody = await killed.CommandAsync("status");
                Assert.Equal(3, nobody.ExitCode);
                Assert.Contains("nobody answers", nobody.Error, StringComparison.Ordinal);
            }
            await using Gateway gateway = await Gateway.StartAsync(config);
            Assert.Equal(gateway.ProcessId, (await gateway.LookAsync("status")).GetProperty("processId").GetInt32());
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(socket));
            // A second gateway does not take a live one's socket away.
            await using (Gateway second = await Gateway.StartAsync(GatewayConfig.Https().Set("admin", "socket", socket)))
            {
                await second.Log.LineWithAsync($"process {gateway.ProcessId} answers there already");
                Assert.Equal(gateway.ProcessId, (await second.LookAsync("status")).GetProperty("processId").GetInt32());
            }
            Assert.True(File.Exists(socket));
            gateway.Send(Signal.Terminate);
            Assert.Equal(0, await gateway.ExitAsync());
            Assert.Empty(Directory.GetFileSystemEntries(shared));
        }
        finally
        {
            Directory.Delete(shared, recursive: true);
        }
    }

    private static async Task AttackAsync(Gateway gateway)
    {
        byte[] garbage = new byte[50_000];
        new Random(7).NextBytes(garbage);
        using (ControlPeer peer = await ControlPeer.ConnectAsync(gateway))
        {
            foreach (string line in new[] { "", "{", "[]", "null", "{\"version\":1}", "{\"version\":2,\"command\":\"status\"}", "{\"version\":1,\"command\":\"status\",\"x\":1}", new string('[', 1000), "GET / HTTP/1.1\r" })
                Assert.False((await peer.AskAsync(line)).GetProperty("ok").GetBoolean(), line);
            // The connection is still good.
            Assert.True((await peer.AskAsync("{\"version\":1,\"command\":\"version\"}")).GetProperty("ok").GetBoolean());
            await peer.TrySendAsync(garbage);
        }
        using (ControlPeer peer = await ControlPeer.ConnectAsync(gateway))
        {
            byte[] endless = Encoding.ASCII.GetBytes(new string('x', LineBytes));
            // The gateway has had enough long before.
            Assert.False(await peer.TrySendAsync(endless));
        }
        List<ControlPeer> idle = [];
        for (int i = 0; i < IdleClients; i++)
            idle.Add(await ControlPeer.ConnectAsync(gateway));
        ToolResult crowded = await gateway.CommandAsync("status");
        Assert.Equal(1, crowded.ExitCode);
        Assert.Contains("connections are open already", crowded.Error, StringComparison.Ordinal);
        idle.ForEach(peer => peer.Dispose());
        await Patience.UntilAsync(async () => (await gateway.CommandAsync("status")).ExitCode == 0, () => "room at the control socket");
    }

    private static Task<int> AskOnAsync(Gateway gateway, out CancellationTokenSource enough)
    {
        CancellationTokenSource source = enough = new();
        return Task.Run(async () =>
        {
            int served = 0;
            while (!source.IsCancellationRequested)
            {
                Assert.Equal("a", await gateway.AskAsync("a.home.test"));
                served++;
            }
            return served;
        });
    }
}
