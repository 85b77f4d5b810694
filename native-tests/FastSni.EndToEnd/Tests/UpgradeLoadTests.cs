using System.Text.Json;
using FastSni.EndToEnd.Harness;
using Xunit.Abstractions;

namespace FastSni.EndToEnd.Tests;

/// <summary>Upgrades under load: nobody is refused or reset in any room, and operators always reach the process that serves.</summary>
[Collection(Alone.Name)]
public sealed class UpgradeLoadTests(ITestOutputHelper output)
{
    private static readonly int Upgrades = Scale.Of(5, 20), PerSecond = Scale.Of(100, 300);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Upgrades_under_load_lose_no_client_in_any_room(int workers)
    {
        using House house = new(workers);
        using TestBackend echo = TestBackend.Start("echo", Scripts.EchoAsync, proxy: false);
        System.Net.IPEndPoint admin = Loopback.NextV4();
        GatewayConfig config = house.Config.Passthrough("echo", "echo.home.test", echo)
            .Gateway("drain-timeout", Scale.IsLong ? "60s" : "15s").Set("admin", "address", admin.ToString()).Set("admin", "allow", "127.0.0.0/8");
        await using Gateway gateway = await Gateway.StartInstalledAsync(config);
        using HttpClient http = new();
        List<(LongSession Passed, LongWebSocket Tunnel, int Process)> born = [];
        await using Traffic traffic = house.Visit(PerSecond);
        try
        {
            for (int number = 0; number < Upgrades; number++)
            {
                await traffic.GoOnAsync();
                born.Add((await LongSession.OpenAsync(gateway.Https, "echo.home.test"),
                    await LongWebSocket.OpenAsync(gateway.Https, House.OffloadedName), gateway.ServingId));
                int before = gateway.ServingId;
                gateway.Install(GatewayBinary.Path);
                if (number % 2 == 0)
                    await gateway.UpgradeAsync();
                else
                    (await gateway.CommandAsync("upgrade")).AssertSuccess();
                // Who has upgraded by command finds the new process there at once.
                if (number % 2 == 1)
                    Assert.NotEqual(before, (await StatusAsync(gateway)).Process);
                await Patience.UntilAsync(async () => await StatusAsync(gateway) == (gateway.ServingId, "serving"), () => $"the new process at the control socket\n{gateway.Log.Tail}");
                Assert.NotEqual(before, gateway.ServingId);
                await Patience.UntilAsync(() => IsAnsweredAsync(http, admin), () => $"the admin address\n{gateway.Log.Tail}");
            }
            // Whoever was born in a process that still drains has it still.
            foreach ((LongSession passed, LongWebSocket tunnel, int process) in born.TakeLast(3))
            {
                Assert.NotEqual(gateway.ServingId, process);
                await passed.TalkAsync();
                await tunnel.TalkAsync();
            }
            output.WriteLine($"{workers} worker(s), {Upgrades} upgrades: {await traffic.EndAsync()}");
        }
        finally
        {
            foreach ((LongSession passed, LongWebSocket tunnel, _) in born)
            {
                passed.Dispose();
                tunnel.Dispose();
            }
        }
        await AssertLogsAreWholeAsync(gateway);
    }

    private static async Task AssertLogsAreWholeAsync(Gateway gateway)
    {
        int last = gateway.ServingId;
        gateway.Send(Signal.Terminate);
        await Patience.UntilAsync(() => new ProcessFacts(last).HasEnded && !gateway.IsAlive, () => $"all processes to leave\n{gateway.Log.Tail}");
        // Both parse every line, so that one torn by two writers is found.
        Assert.All(gateway.AccessLog.Lines, line => Assert.Contains(line.End, new[] { "complete", "drained", "client-reset" }));
        Assert.All(gateway.AccessLog.Requests, line => Assert.True(line.Status is 101 or 200 or 301 or 308, $"{line}"));
        Assert.DoesNotContain(gateway.Log.Lines, line => line.StartsWith("error", StringComparison.Ordinal));
    }

    private static async Task<(int Process, string State)> StatusAsync(Gateway gateway)
    {
        ToolResult status = await gateway.CommandAsync("status", "--json");
        status.AssertSuccess();
        JsonElement root = JsonDocument.Parse(status.Output).RootElement;
        return (root.GetProperty("processId").GetInt32(), root.GetProperty("state").GetString()!);
    }

    private static async Task<bool> IsAnsweredAsync(HttpClient http, System.Net.IPEndPoint admin)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri($"http://{admin}/"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
