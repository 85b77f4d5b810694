using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using FastSni.Backends;
using FastSni.Bans;
using FastSni.Config;
using FastSni.Linux;
using FastSni.Passthrough;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.NativeTests.Support;

/// <summary>A whole gateway in this process, with real sockets on loopback.</summary>
internal sealed class TestGateway : IDisposable
{
    private readonly ImmutableArray<RecordRing<SessionRecord>> _rings;
    private readonly ListLog _log = new();
    private BackendPools _pools = BackendPools.Empty;
    private bool _isDisposed;

    private TestGateway(int workers)
    {
        _rings = [.. Enumerable.Range(0, workers).Select(_ => new RecordRing<SessionRecord>(1024, static () => { }))];
        Servers = new ServerRegistry(_log);
        Gateway = new Gateway(_rings, Handoffs, Bans, openFiles: 20_000, _log);
    }

    internal Gateway Gateway { get; }

    internal ServerRegistry Servers { get; }

    internal BanTable Bans { get; } = new();

    /// <summary>Nobody takes from it but the test.</summary>
    internal HandoffQueue Handoffs { get; } = new();

    /// <summary>What was logged so far. A fault in a session fails the test at the end: it is always a bug.</summary>
    internal IReadOnlyCollection<string> Log => _log.Lines;

    /// <summary>Where it listens; with several endpoints, the first.</summary>
    internal IPEndPoint Address => new(Gateway.Endpoints.First().ToIPAddress(), Gateway.Endpoints.First().Port);

    /// <summary>One without a configuration.</summary>
    internal static TestGateway Create(int workers, IEnumerable<ListenSocket> inherited)
    {
        var gateway = new TestGateway(workers);
        gateway.Gateway.Inherit(inherited);
        return gateway;
    }

    internal static async Task<TestGateway> StartAsync(Snapshot snapshot, int workers = 1, IEnumerable<ListenSocket>? inherited = null)
    {
        TestGateway gateway = Create(workers, inherited ?? []);
        await gateway.ApplyAsync(snapshot);
        return gateway;
    }

    internal async Task ApplyAsync(Snapshot snapshot) => Assert.Empty(await TryApplyAsync(snapshot));

    /// <summary>What is in the way; empty: the snapshot is in force.</summary>
    internal async Task<IReadOnlyList<string>> TryApplyAsync(Snapshot snapshot)
    {
        BackendPools pools = Servers.Build(snapshot);
        await Servers.ResolveNewAsync();
        IReadOnlyList<string> errors = await Gateway.ApplyAsync(snapshot, pools, whenCertain: () => { });
        if (errors.Count == 0)
            _pools = pools;
        Servers.Keep(_pools);
        return errors;
    }

    /// <summary>A connected client.</summary>
    internal Socket Connect()
    {
        Socket client = Loopback.NewSocket(Address.AddressFamily);
        client.Connect(Address);
        return client;
    }

    /// <summary>A connected client of another address of this machine.</summary>
    internal Socket ConnectFrom(IPAddress address)
    {
        Socket client = Loopback.NewSocket(Address.AddressFamily);
        client.Bind(new IPEndPoint(address, 0));
        client.Connect(Address);
        return client;
    }

    /// <summary>A client that has sent this.</summary>
    internal Socket Connect(ReadOnlySpan<byte> firstBytes)
    {
        Socket client = Connect();
        client.SendAll(firstBytes);
        return client;
    }

    /// <summary>The next line of the access log, as values.</summary>
    internal async Task<SessionRecord> NextRecordAsync()
    {
        SessionRecord record = default;
        await Eventually.IsTrueAsync(() => TryTake(out record), "a session ended");
        return record;
    }

    internal async Task<CloseReason> NextEndAsync() => (await NextRecordAsync()).End;

    /// <summary>Waits for what comes first: a caller at the backend (null; it is taken and closed), or the end of a session that had none.</summary>
    internal async Task<CloseReason?> NextEndOrServedAsync(Backend backend)
    {
        SessionRecord record = default;
        bool isEnd = false;
        await Eventually.IsTrueAsync(() => (isEnd = TryTake(out record)) || backend.HasCallers, "a client is served or refused");
        if (isEnd)
            return record.End;
        using Socket server = await backend.AcceptAsync();
        server.ReadExactly(Hellos.App.Length);
        return null;
    }

    /// <summary>Takes a record off the rings, if there is one; allocates nothing.</summary>
    internal bool TryTake(out SessionRecord record)
    {
        record = default;
        foreach (RecordRing<SessionRecord> ring in _rings)
        {
            if (!ring.TryRead(out ReadOnlySpan<SessionRecord> slot))
                continue;
            record = slot[0];
            ring.Release();
            return true;
        }
        return false;
    }

    internal Task HasSessionsAsync(int count) => Eventually.IsTrueAsync(() => Gateway.Sessions == count, $"{count} sessions are open");

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        Gateway.Dispose();
        Assert.DoesNotContain(Log, line => line.StartsWith("Error", StringComparison.Ordinal));
    }
}
