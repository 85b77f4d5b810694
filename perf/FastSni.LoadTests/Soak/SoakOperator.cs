using System.Globalization;
using System.Net;
using System.Text.Json;
using FastSni.LoadTests.Staging;
using FastSni.Reports;

namespace FastSni.LoadTests.Soak;

/// <summary>What an operator does all day, at intervals: reloads, log rotation, bans and their end, looking at sessions, one upgrade.</summary>
internal sealed class SoakOperator(
    SoakOptions options, StagedGateway gateway, SoakConfig config, SoakLogs logs, Ledger ledger, Upheavals upheavals, CancellationToken stop) : IDisposable
{
    private static readonly TimeSpan BanHeld = TimeSpan.FromSeconds(2);

    // The commands that change the gateway and the rotation don't run into one another; traffic runs into all of them.
    private readonly SemaphoreSlim _turn = new(1);
    private int _configTurn;

    public int Reloads { get; private set; }
    public int Bans { get; private set; }
    public int Upgrades { get; private set; }

    public Task RunAsync() => Task.WhenAll(
        EveryAsync(options.ReloadEvery, ReloadAsync),
        EveryAsync(options.RotateEvery, logs.RotateAsync),
        EveryAsync(options.BanEvery, BanAsync),
        EveryAsync(options.BanEvery, LookAsync),
        UpgradeOnceAsync());

    public void Dispose() => _turn.Dispose();

    private async Task EveryAsync(TimeSpan interval, Func<Task> act)
    {
        while (await IsTimeAsync(interval))
        {
            await _turn.WaitAsync(CancellationToken.None);
            try
            {
                await act();
            }
            catch (Exception trouble) when (trouble is MeasurementException or IOException)
            {
                ledger.NotExpected($"{act.Method.Name}: {trouble.Message}");
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    /// <summary>False once the load has ended.</summary>
    private async Task<bool> IsTimeAsync(TimeSpan interval)
    {
        await Task.Delay(interval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.IsCancellationRequested;
    }

    private async Task ReloadAsync()
    {
        gateway.Write(config.Text(++_configTurn));
        upheavals.BeginReload();
        if (await SucceedsAsync("reload"))
            Reloads++;
        upheavals.EndReload();
    }

    private async Task UpgradeOnceAsync()
    {
        if (!await IsTimeAsync(options.UpgradeAfter))
            return;
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            upheavals.BeginUpgrade();
            (int exitCode, string output) = await gateway.UpgradeAsync();
            upheavals.EndUpgrade();
            if (exitCode == 0)
                Upgrades++;
            else
                ledger.NotExpected($"upgrade: exit {exitCode}: {output}");
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task BanAsync()
    {
        // One of sixteen blocks of sixteen of the addresses that PROXY-in clients claim.
        byte first = (byte)(16 * Random.Shared.Next(16));
        string block = string.Create(CultureInfo.InvariantCulture, $"198.51.100.{first}/28");
        IPAddress member = new([198, 51, 100, (byte)(first + Random.Shared.Next(16))]);
        upheavals.Ban(IPNetwork.Parse(block));
        if (await SucceedsAsync("ban", block, "--for", "10m", "--reason", "soak"))
        {
            Bans++;
            await ExpectAsync(member, isServed: false);
            await SucceedsAsync("bans", "--json");
            await Task.Delay(BanHeld, CancellationToken.None);
            await SucceedsAsync("unban", block);
            await ExpectAsync(member, isServed: true);
        }
        upheavals.Unban(IPNetwork.Parse(block));
    }

    private async Task ExpectAsync(IPAddress client, bool isServed)
    {
        // A ledger of its own: here a refusal is the wanted outcome.
        Ledger own = new(isQuiet: true);
        Door door = new("banned", config.Doors.Proxied, SoakConfig.NameA, SpeaksProxy: true);
        await new StreamVisit(door, own, new Upheavals(options.DrainTimeout), stop).RunAsync("ask", visit => visit.DownloadAsync(100), new IPEndPoint(client, 9));
        if (own.TotalDone == (isServed ? 1 : 0))
            ledger.Done(isServed ? "unban-served" : "ban-held");
        else
            ledger.NotExpected($"{client} was {(isServed ? "refused though no longer" : "served though")} banned {string.Join(' ', own.Unexpected)}");
    }

    private async Task LookAsync()
    {
        (int exitCode, string output) = await gateway.CommandAsync("sessions", "--json", "--limit", "2000");
        if (exitCode != 0)
        {
            ledger.NotExpected($"sessions: exit {exitCode}: {output}");
            return;
        }
        using JsonDocument sessions = JsonDocument.Parse(output);
        if (sessions.RootElement.GetProperty("sessions").GetArrayLength() > 0)
            ledger.Done("sessions-listed");
    }

    private async Task<bool> SucceedsAsync(string command, params string[] arguments)
    {
        (int exitCode, string output) = await gateway.CommandAsync(command, arguments);
        if (exitCode != 0)
            ledger.NotExpected($"{command} {string.Join(' ', arguments)}: exit {exitCode}: {output}");
        return exitCode == 0;
    }
}
