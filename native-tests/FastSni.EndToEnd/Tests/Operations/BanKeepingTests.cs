using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FastSni.EndToEnd.Harness;
using Xunit.Abstractions;

namespace FastSni.EndToEnd.Tests.Operations;

/// <summary>Bans outlive the process, follow their file, and know a client by what a trusted proxy says.</summary>
[Collection(Alone.Name)]
public sealed class BanKeepingTests(ITestOutputHelper output)
{
    private const int ManyBans = 100_000;

    /// <summary>The longest that a ban may exist in memory alone.</summary>
    private static readonly TimeSpan SavedAfter = TimeSpan.FromSeconds(2);

    private static int Sessions => Scale.Of(2000, 20_000);

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_ban_outlives_the_process_killed_or_stopped(bool isKilled)
    {
        await using BanStage stage = await BanStage.CreateAsync(AddressFamily.InterNetwork);
        string state = Directory.CreateTempSubdirectory("fastsni-e2e-state-").FullName;
        stage.Config.Gateway("state-directory", state);
        IPAddress bad = stage.Client(0, 1), brief = stage.Client(0, 2), freed = stage.Client(0, 3);
        try
        {
            string before;
            await using (Gateway first = await stage.StartAsync())
            {
                await first.OrderAsync("ban", freed.ToString());
                await first.OrderAsync("unban", freed.ToString());
                await first.OrderAsync("ban", "2001:db8:77::/48", "--for", "1h", "--reason", "a \"reason\", with ünicode");
                await first.OrderAsync("ban", brief.ToString(), "--for", "3s");
                await first.OrderAsync("ban", bad.ToString());
                before = (await first.LookAsync("bans")).ToString();
                if (isKilled)
                    await Task.Delay(SavedAfter);
                first.Send(isKilled ? Signal.Kill : Signal.Terminate);
                Assert.Equal(!isKilled, await first.ExitAsync() == 0);
            }
            await using Gateway second = await stage.StartAsync();
            await stage.AssertRefusedAsync(second, bad);
            await stage.AssertServedAsync(second, freed);
            // Its time goes on while nobody runs.
            await stage.UntilAsync(second, brief, isBanned: false);
            string[] after = Lines((await second.LookAsync("bans")).ToString());
            Assert.Equal(Lines(before).Where(line => !line.Contains(brief + "\"", StringComparison.Ordinal)), after);
            Assert.Equal(2, after.Length);
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    [SkippableFact]
    public async Task The_file_is_followed_without_a_reload_also_when_another_is_renamed_over_it()
    {
        await using BanStage stage = await BanStage.CreateAsync(AddressFamily.InterNetwork);
        IPAddress one = stage.Client(0, 1), two = stage.Client(0, 2), never = stage.Client(1, 1);
        string folder = Directory.CreateTempSubdirectory("fastsni-e2e-bans-").FullName, file = Path.Combine(folder, "bans.txt");
        try
        {
            await File.WriteAllTextAsync(file, $"# a list\n{one} ; spam\nnonsense\n127.0.0.1\n{never}\n");
            stage.Config.Set("bans", "file", file).Set("bans", "never", stage.Network.BlockPrefix(AddressFamily.InterNetwork, 1));
            await using Gateway gateway = await stage.StartAsync();
            await stage.AssertRefusedAsync(gateway, one);
            await stage.AssertServedAsync(gateway, two);
            await stage.AssertServedAsync(gateway, never);
            Assert.Equal(1, (await gateway.LookAsync("status")).GetProperty("bans").GetInt32());
            Assert.Contains(gateway.Log.Lines, line => line.Contains($"{file}:3: ", StringComparison.Ordinal));
            ToolResult fixedThere = await gateway.CommandAsync("unban", one.ToString());
            Assert.Equal(1, fixedThere.ExitCode);

            using TestClient open = await TestClient.ConnectAsync(gateway.Https, two);
            byte[] hello = HelloBytes.For(BanStage.PassthroughName);
            await open.SendAsync(hello);
            await open.ReceiveExactlyAsync(hello.Length);
            await File.AppendAllTextAsync(file, $"{two}\n");
            Assert.NotEqual(Ending.Open, (await open.ReceiveToEndAsync()).Ending);
            Assert.Equal("banned", await gateway.AccessLog.EndOfAsync(open.LocalEndPoint));
            await stage.UntilAsync(gateway, two, isBanned: true);

            string other = file + ".new";
            await File.WriteAllTextAsync(other, $"{two}\n");
            File.Move(other, file, overwrite: true);
            await stage.UntilAsync(gateway, one, isBanned: false);
            await stage.AssertRefusedAsync(gateway, two);

            // Gone, it keeps what it said; a reload is refused then, and nothing changes.
            File.Move(file, other);
            Assert.Equal(1, (await gateway.CommandAsync("reload")).ExitCode);
            await gateway.Log.LineWithAsync("what it listed last stays banned");
            await stage.AssertRefusedAsync(gateway, two);
            File.Move(other, file);
            await File.WriteAllTextAsync(file, "");
            await stage.UntilAsync(gateway, two, isBanned: false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.8")]
    [InlineData("2001:db8:5::7", "2001:db8:5::8")]
    public async Task Behind_a_trusted_proxy_the_client_is_banned_and_not_the_proxy(string bad, string good)
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync);
        IPAddress proxy = Loopback.NextAddress();
        GatewayConfig config = GatewayConfig.Https().Passthrough("a", "a.home.test", backend).Set("listen:https", "accept-proxy", "accept").Set("listen:https", "trusted-proxies", proxy.ToString());
        await using Gateway gateway = await Gateway.StartAsync(config);
        string family = bad.Contains(':', StringComparison.Ordinal) ? "TCP6" : "TCP4", own = family == "TCP6" ? "2001:db8::1" : "192.0.2.1";
        byte[] hello = HelloBytes.For("a.home.test");
        async Task<TestClient> EnterAsync(string client, int port)
        {
            TestClient entered = await gateway.ConnectAsync(proxy);
            await entered.TrySendAsync((byte[])[.. Encoding.ASCII.GetBytes($"PROXY {family} {client} {own} {port} 443\r\n"), .. hello]);
            return entered;
        }
        using TestClient open = await EnterAsync(bad, 1001), spared = await EnterAsync(good, 1002);
        await open.ReceiveExactlyAsync(hello.Length);
        await spared.ReceiveExactlyAsync(hello.Length);
        Assert.Equal($"{bad} is banned; 1 session(s) closed\n", await gateway.OrderAsync("ban", bad));
        Assert.NotEqual(Ending.Open, (await open.ReceiveToEndAsync()).Ending);
        using TestClient again = await EnterAsync(bad, 1003);
        Transcript refused = await again.ReceiveToEndAsync();
        Assert.True(refused.Bytes.Length == 0 && refused.Ending != Ending.Open, $"{refused}");
        foreach (int port in new[] { 1001, 1003 })
            Assert.Equal("banned", await gateway.AccessLog.EndOfAsync(new IPEndPoint(IPAddress.Parse(bad), port)));
        await spared.SendAsync("still here");
        await spared.ReceiveExactlyAsync(10);
        using TestClient fresh = await EnterAsync(good, 1004);
        await fresh.ReceiveExactlyAsync(hello.Length);
        Assert.Equal(1, (await gateway.CommandAsync("ban", proxy.ToString())).ExitCode);
    }

    [Fact]
    public async Task A_hundred_thousand_bans_are_carried()
    {
        string list = Path.GetTempFileName();
        try
        {
            Random random = new(7);
            await File.WriteAllLinesAsync(list, Enumerable.Range(0, ManyBans).Select(i => i % 4 == 3
                ? $"2001:db8:{random.Next(65_536):x}:{random.Next(65_536):x}::{i % 65_536:x}" : $"{random.Next(11, 100)}.{random.Next(256)}.{random.Next(256)}.{random.Next(256)}"));
            (long none, long noneResident, double noneStart) = await MeasureAsync(null);
            (long many, long manyResident, double manyStart) = await MeasureAsync(list);
            output.WriteLine($"start {noneStart:F2} s, with {ManyBans} bans {manyStart:F2} s; RSS {noneResident / 1024} kB and {manyResident / 1024} kB; ticks for {Sessions} sessions {none} and {many}");
            Assert.True(manyResident - noneResident < 64 * 1024 * 1024, $"{manyResident - noneResident} bytes for {ManyBans} bans");
        }
        finally
        {
            File.Delete(list);
        }
    }

    private static async Task<(long Ticks, long ResidentBytes, double StartSeconds)> MeasureAsync(string? list)
    {
        using TestBackend backend = TestBackend.Start("a");
        GatewayConfig config = GatewayConfig.Https().Passthrough("a", "a.home.test", backend);
        if (list is not null)
            config.Set("bans", "file", list);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        await using Gateway gateway = await Gateway.StartAsync(config);
        double seconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        Assert.Equal("a", await gateway.AskAsync("a.home.test"));
        long before = gateway.Facts.CpuTicks;
        for (int i = 0; i < Sessions; i++)
            Assert.Equal("a", await gateway.AskAsync("a.home.test"));
        (long Ticks, long ResidentBytes, double StartSeconds) figures = (gateway.Facts.CpuTicks - before, gateway.Facts.ResidentBytes, seconds);
        int bans = list is null ? 0 : ManyBans;
        Assert.InRange((await gateway.LookAsync("status")).GetProperty("bans").GetInt32(), bans * 99 / 100, bans);
        Assert.InRange((await gateway.LookAsync("bans")).GetProperty("bans").GetArrayLength(), bans * 99 / 100, bans);
        return figures;
    }

    private static string[] Lines(string bans)
    {
        using JsonDocument document = JsonDocument.Parse(bans);
        // Times are kept to the millisecond.
        return [.. document.RootElement.GetProperty("bans").EnumerateArray().Select(
            ban => $"\"{ban.GetProperty("address")}\" {ban.GetProperty("reason")} {Second(ban.GetProperty("since"))} {Second(ban.GetProperty("until"))}")];
    }

    private static string Second(JsonElement time) => time.ValueKind == JsonValueKind.Null ? "-" : time.GetDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
}
