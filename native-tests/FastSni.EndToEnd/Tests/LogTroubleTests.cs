using System.Globalization;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Nobody takes what the gateway writes down: the disk is full, or the reader has stopped.</summary>
[Collection(Alone.Name)]
public sealed class LogTroubleTests
{
    private const long RoomBytes = 24 << 20;

    // More than the rings, the pipe and a batch hold.
    private static readonly int Sessions = Scale.Of(4_500, 20_000);

    [SkippableFact]
    public async Task A_full_disk_costs_lines_that_are_counted_and_no_session()
    {
        using TestBackend backend = TestBackend.Start("a");
        string disk = Directory.CreateTempSubdirectory("fastsni-e2e-disk-").FullName;
        string[] under = await Confinement.MountsAsync($"mount -t tmpfs -o size=64k none {disk}");
        GatewayConfig config = GatewayConfig.Https().Gateway("access-log", $"{disk}/access.log").Passthrough("a", "a.home.test", backend);
        await using (Gateway gateway = await Gateway.StartUnderAsync(config, _ => under))
        {
            // From here on the program's own messages go to the same disk.
            await gateway.ReloadAsync(config.Gateway("log", $"{disk}/program.log").Gateway("log-level", "debug"));
            await Patience.UntilAsync(() => File.Exists(gateway.Seen($"{disk}/program.log")), () => "the log to be on the small disk");
            long before = await AskManyAsync(gateway);
            Assert.Throws<IOException>(() => File.AppendAllText(gateway.Seen($"{disk}/filler"), new string('x', 8_192)));
            GatewayStatus full = await GatewayStatus.OfAsync(gateway);
            Assert.InRange(full.Counter("log-lines-lost"), 1, Sessions);
            Assert.InRange(full.Ended("complete"), Sessions, Sessions + 1);
            AssertFlat(gateway, before);

            // A message for each reload.
            for (int number = 0; number < 5; number++)
                gateway.Send(Signal.Hangup);
            Assert.Equal("a", await gateway.AskAsync("a.home.test"));

            File.WriteAllText(gateway.Seen($"{disk}/access.log"), "");
            File.Delete(gateway.Seen($"{disk}/filler"));
            Assert.Equal("a", await gateway.AskAsync("a.home.test"));
            await Patience.UntilAsync(
                () => File.ReadAllText(gateway.Seen($"{disk}/access.log")).Contains("end=complete", StringComparison.Ordinal), () => "lines to be written again");
            gateway.AssertAlive();
        }
        Directory.Delete(disk);
    }

    [SkippableFact]
    public async Task A_reader_that_has_stopped_costs_lines_that_are_counted_and_no_session()
    {
        using TestBackend backend = TestBackend.Start("a");
        string bash = Tool.Require("bash");
        await using Gateway gateway = await Gateway.StartUnderAsync(
            GatewayConfig.Https().Gateway("access-log", "stdout").Gateway("log-level", "debug").Passthrough("a", "a.home.test", backend),
            _ => [bash, "-c", "exec \"$@\" > >(exec cat)", "bash"]);
        int reader = int.Parse(
            File.ReadAllText($"/proc/{gateway.ProcessId}/task/{gateway.ProcessId}/children").Split(' ')[0], CultureInfo.InvariantCulture);
        Posix.Send(Signal.Stop, reader);
        try
        {
            long before = await AskManyAsync(gateway);
            GatewayStatus stuck = await GatewayStatus.OfAsync(gateway);
            Assert.InRange(stuck.Counter("log-lines-lost"), 1, Sessions);
            AssertFlat(gateway, before);
            gateway.Send(Signal.Hangup);
            Assert.Equal("a", await gateway.AskAsync("a.home.test"));
        }
        finally
        {
            Posix.Send(Signal.Continue, reader);
        }
        await Patience.UntilAsync(
            async () =>
            {
                using TestClient client = await gateway.ConnectAsync();
                Assert.Equal($"a {client.LocalEndPoint}", await client.AskAsync("a.home.test"));
                client.Dispose();
                await Task.Delay(100);
                return gateway.Log.Lines.Any(line => line.Contains($"client={client.LocalEndPoint} ", StringComparison.Ordinal));
            },
            () => "lines to be read again");
        gateway.Send(Signal.Terminate);
        Assert.Equal(0, await gateway.ExitAsync());
    }

    /// <summary>The memory in use after a first part, for the second to be compared with.</summary>
    private static async Task<long> AskManyAsync(Gateway gateway)
    {
        await AskAsync(Sessions / 3);
        long before = gateway.Facts.ResidentBytes;
        await AskAsync(Sessions - (Sessions / 3));
        return before;

        Task AskAsync(int count) => Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (_, _) => Assert.Equal("a", await gateway.AskAsync("a.home.test")));
    }

    private static void AssertFlat(Gateway gateway, long before) =>
        Assert.True(gateway.Facts.ResidentBytes <= before + RoomBytes, $"{gateway.Facts.ResidentBytes} bytes resident, {before} before");
}
