using System.Net.Sockets;
using FastSni.Backends;
using FastSni.Config;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Backends;

/// <summary>The whole of it, from a snapshot to a server's mark, with real sockets.</summary>
public sealed class HealthCheckerTests : IAsyncLifetime
{
    private readonly ListLog _log = new();
    private readonly ServerRegistry _registry;
    private readonly HealthChecker _checker;

    public HealthCheckerTests() => (_registry, _checker) = (new ServerRegistry(_log), new HealthChecker(_log, TimeProvider.System));

    [Fact]
    public async Task A_server_goes_down_and_comes_up_with_its_port()
    {
        using Socket port = Loopback.BindWithoutListening(out int number);
        Server server = Apply(Tcp(number));
        Assert.True(server.IsUp);
        await Eventually.IsTrueAsync(() => !server.IsUp, "the server is called down");
        port.Listen();
        await Eventually.IsTrueAsync(() => server.IsUp, "the server is called up");
        port.Close();
        await Eventually.IsTrueAsync(() => !server.IsUp, "the server is called down again");
        string down = $"Warning: server 127.0.0.1:{number} is down: 3 tcp checks in a row failed, the last one: ConnectionRefused";
        await Eventually.IsTrueAsync(() => _log.Lines.Count == 3, "all is said");
        Assert.Equal([down, $"Information: server 127.0.0.1:{number} is up again: 2 tcp checks in a row went well", down], _log.Lines);
    }

    [Fact]
    public async Task A_check_that_a_reload_takes_away_takes_its_mark_along()
    {
        using Socket port = Loopback.BindWithoutListening(out int number);
        Server server = Apply(Tcp(number));
        await Eventually.IsTrueAsync(() => !server.IsUp, "the server is called down");
        Assert.Same(server, Apply(Tcp(number) with { HealthCheck = null }));
        Assert.True(server.IsUp);
        await Eventually.IsTrueAsync(() => _log.Lines.Count == 2, "that is said");
        Assert.Equal($"Information: server 127.0.0.1:{number}: the check that called it down is configured no more", _log.Lines.Last());
    }

    [Fact]
    public async Task A_check_that_a_reload_repeats_keeps_its_mark()
    {
        using Socket port = Loopback.BindWithoutListening(out int number);
        Server server = Apply(Tcp(number));
        await Eventually.IsTrueAsync(() => !server.IsUp, "the server is called down");
        Assert.Same(server, Apply(Tcp(number) with { Balance = Balance.Source }));
        Assert.False(server.IsUp);
        Assert.Single(_log.Lines);
    }

    [Fact]
    public async Task One_check_does_for_all_lists_that_say_the_same()
    {
        using Backend backend = Backend.Start();
        BackendOptions list = backend.Options with { HealthCheck = Checks.Often(HealthCheckKind.Tls) with { Interval = TimeSpan.FromDays(1) } };
        Apply(list, list with { Balance = Balance.Source });
        using Socket first = await backend.AcceptAsync();
        await _checker.DisposeAsync();
        Assert.False(backend.HasCallers);
    }

    [Fact]
    public async Task Disposal_closes_what_is_under_way_and_leaves_no_mark()
    {
        using Socket port = Loopback.BindWithoutListening(out int number);
        using Backend silent = Backend.Start();
        Server server = Apply(Tcp(number), silent.Options with { HealthCheck = Checks.Often(HealthCheckKind.Tls) with { Interval = TimeSpan.FromDays(1) } });
        using Socket handshake = await silent.AcceptAsync();
        await Eventually.IsTrueAsync(() => !server.IsUp, "the server is called down");
        await _checker.DisposeAsync();
        Assert.True(server.IsUp);
        handshake.ReadToLast();     // Would never end.
        Assert.False(silent.HasCallers);
    }

    [Fact]
    public async Task A_check_that_a_reload_takes_away_closes_its_connection()
    {
        using Backend silent = Backend.Start();
        BackendOptions list = silent.Options with { HealthCheck = Checks.Often(HealthCheckKind.Tls) with { Interval = TimeSpan.FromDays(1) } };
        Apply(list);
        using Socket handshake = await silent.AcceptAsync();
        Apply(list with { HealthCheck = null });
        handshake.ReadToLast();
        Assert.Empty(_log.Lines);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _checker.DisposeAsync().AsTask();

    private static BackendOptions Tcp(int port) => Setup.Servers(Setup.Server(port)) with { HealthCheck = Checks.Often(HealthCheckKind.Tcp) };

    /// <summary>Applies a configuration of these lists, and gives the first one's first server.</summary>
    private Server Apply(params BackendOptions[] lists)
    {
        Snapshot snapshot = new Setup { Named = lists[0], Nameless = lists.ElementAtOrDefault(1) }.Snapshot;
        BackendPools pools = _registry.Build(snapshot);
        _checker.Apply(pools, snapshot);
        _registry.Keep(pools);
        return pools[lists[0]].Servers[0];
    }
}
