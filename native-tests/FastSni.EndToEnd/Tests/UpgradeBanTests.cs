using System.Text.Json;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>What an upgrade must not lose besides clients: bans that are asked for meanwhile, and lines of a log that two processes write.</summary>
[Collection(Alone.Name)]
public sealed class UpgradeBanTests
{
    [Fact]
    public async Task Bans_asked_for_while_upgrades_go_on_are_all_done()
    {
        await using Gateway gateway = await Gateway.StartInstalledAsync(GatewayConfig.Https().Gateway("drain-timeout", "1s"));
        using CancellationTokenSource enough = new();
        Task<List<string>> banning = BanAsync(gateway, enough.Token);
        for (int i = 0; i < Scale.Of(2, 10); i++)
        {
            gateway.Install(GatewayBinary.Path);
            await gateway.UpgradeAsync();
            await Task.Delay(100);
        }
        await enough.CancelAsync();
        List<string> asked = await banning;
        ToolResult bans = await FastSniCommand.RunAsync("bans", "--json", "--config", gateway.ConfigPath);
        Assert.Equal(asked.Order(), JsonDocument.Parse(bans.Output).RootElement.GetProperty("bans").EnumerateArray()
            .Select(ban => ban.GetProperty("address").GetString()!).Order());
    }

    [Fact]
    public async Task Lines_of_another_writer_stay_whole_in_the_programs_log_file()
    {
        GatewayConfig config = GatewayConfig.Https();
        await using Gateway gateway = await Gateway.StartAsync(config);
        string file = Path.Combine(gateway.Directory, "program.log"), foreign = new string('x', 2000);
        await gateway.ReloadAsync(config.Gateway("log", file));
        await Patience.UntilAsync(() => File.Exists(file) && File.ReadAllText(file).Contains("reloaded", StringComparison.Ordinal), () => "the log to be a file");
        await File.AppendAllTextAsync(file, foreign + "\n");
        ToolResult ban = await FastSniCommand.RunAsync("ban", "198.51.100.7", "--config", gateway.ConfigPath);
        Assert.Equal(0, ban.ExitCode);
        await Patience.UntilAsync(() => File.ReadAllText(file).Contains("198.51.100.7 is banned", StringComparison.Ordinal), () => "the ban's message");
        Assert.Contains(foreign, await File.ReadAllLinesAsync(file));
    }

    private static async Task<List<string>> BanAsync(Gateway gateway, CancellationToken enough)
    {
        List<string> asked = [];
        while (!enough.IsCancellationRequested)
        {
            string address = $"198.51.100.{asked.Count % 250 + 1}";
            ToolResult ban = await FastSniCommand.RunAsync("ban", address, "--config", gateway.ConfigPath);
            Assert.True(ban.ExitCode == 0, $"{address}: {ban.Error}\n{gateway.Log.Tail}");
            if (!asked.Contains(address))
                asked.Add(address);
        }
        return asked;
    }
}
