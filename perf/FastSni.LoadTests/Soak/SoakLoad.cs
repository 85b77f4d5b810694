using System.Net;

namespace FastSni.LoadTests.Soak;

/// <summary>All clients: each place is taken again as soon as its connection has ended.</summary>
internal sealed class SoakLoad(SoakOptions options, SoakDoors doors, Ledger ledger, Upheavals upheavals, CancellationToken stop)
{
    private const int BulkBytesMax = 4 << 20, RequestsMax = 12;
    private static readonly TimeSpan HostilePause = TimeSpan.FromSeconds(1);

    private readonly Door[] _doors =
    [
        new("passthrough", doors.Https, SoakConfig.NameA, SpeaksProxy: false),
        new("passthrough", doors.Https, SoakConfig.NameB, SpeaksProxy: false),
        new("proxied", doors.Proxied, SoakConfig.NameA, SpeaksProxy: true),
        new("tcp", doors.Mail, Name: null, SpeaksProxy: false),
    ];

    /// <summary>Ends once the load is told to stop and everybody has finished in order.</summary>
    public Task RunAsync() => Task.WhenAll(
    [
        .. Places(options.Passthrough, StreamAsync), .. Places(options.Idle, IdleAsync), .. Places(options.Offload, OffloadAsync),
        .. Places(options.Plain, PlainAsync), .. Places(options.Hostile, HostileAsync),
    ]);

    private IEnumerable<Task> Places(int count, Func<int, Task> visit) => Enumerable.Range(0, count).Select(async place =>
    {
        // Not all at once.
        await PauseAsync(options.Life * Random.Shared.NextDouble());
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await visit(place);
            }
            catch (Exception trouble)
            {
                // A defect of this program is no verdict on the gateway, but it must not be overlooked either.
                ledger.NotExpected($"{visit.Method.Name}: {trouble}");
                await PauseAsync(HostilePause);
            }
        }
    });

    private async Task StreamAsync(int place)
    {
        // Half of them by name, the rest as from a load balancer and by tcp.
        Door door = _doors[Random.Shared.Next(_doors.Length)];
        IPEndPoint? claimed = door.SpeaksProxy
            ? new(new IPAddress([198, 51, 100, (byte)Random.Shared.Next(256)]), Random.Shared.Next(1024, 65_536)) : null;
        TimeSpan life = options.Life * (0.2 + (1.6 * Random.Shared.NextDouble()));
        long bytes = Random.Shared.Next(1, BulkBytesMax);
        (string kind, Func<StreamVisit, Task> errand) = Random.Shared.Next(20) switch
        {
            0 => ("download", visit => visit.DownloadAsync(bytes)),
            1 => ("upload", visit => visit.UploadAsync(bytes)),
            2 => ("duplex", visit => visit.DuplexAsync(bytes)),
            _ => ("echo", (Func<StreamVisit, Task>)(visit => visit.EchoAsync(life))),
        };
        bool aborts = Random.Shared.NextDouble() < options.AbortShare;
        // Short errands are reset within milliseconds, long ones anywhere in their life.
        TimeSpan? abortAfter = aborts ? (kind == "echo" ? life : TimeSpan.FromMilliseconds(60)) * Random.Shared.NextDouble() : null;
        await new StreamVisit(door, ledger, upheavals, stop).RunAsync(kind, errand, claimed, abortAfter);
        await PauseAsync(TimeSpan.FromMilliseconds(Random.Shared.Next(200)));
    }

    private Task IdleAsync(int place)
    {
        // From a while to the whole run.
        TimeSpan life = options.Length * (0.1 + Random.Shared.NextDouble());
        return new StreamVisit(_doors[place % 2], ledger, upheavals, stop).RunAsync("idle", visit => visit.IdleAsync(life));
    }

    private async Task OffloadAsync(int place)
    {
        Version version = place % 4 == 3 ? HttpVersion.Version20 : HttpVersion.Version11;
        Uri site = new($"https://{SoakConfig.AppName}:{doors.Https.Port}");
        using HttpVisit visit = new(site, doors.Https, version, ledger, upheavals, stop);
        int requests = Random.Shared.Next(1, RequestsMax + 1);
        await visit.RunAsync(requests, options.Life / RequestsMax, aborts: Random.Shared.NextDouble() < options.AbortShare);
    }

    private async Task PlainAsync(int place)
    {
        bool isForwarded = Random.Shared.Next(2) == 0;
        Uri site = new($"http://{(isForwarded ? SoakConfig.NameA : SoakConfig.AppName)}:{doors.Http.Port}");
        using HttpVisit visit = new(site, doors.Http, HttpVersion.Version11, ledger, upheavals, stop);
        if (isForwarded)
            await visit.RunAsync(Random.Shared.Next(1, 5), options.Life / RequestsMax, aborts: Random.Shared.NextDouble() < options.AbortShare);
        else
            await visit.BeRedirectedAsync();
        await PauseAsync(options.Life / 10);
    }

    private async Task HostileAsync(int place)
    {
        await new HostileVisit(doors, ledger, upheavals).RunAsync();
        await PauseAsync(HostilePause);
    }

    private async Task PauseAsync(TimeSpan pause) => await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
