using FastSni.Backends;
using FastSni.Config;
using FastSni.Http;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Http;

public sealed class UpstreamPoolTests : IDisposable
{
    private readonly SocketLoops _loops = new();

    public void Dispose() => _loops.Dispose();

    [Fact]
    public async Task A_connection_that_is_one_too_many_is_either_taken_or_closed()
    {
        const int Rounds = 300;
        for (int round = 0; round < Rounds; round++)
        {
            UpstreamPool pool = Pool();
            using LoopSocket oldest = Unused();
            // Only the oldest one has this name, so that it can be asked for.
            pool.Return(new UpstreamConnection(oldest, null, pool) { TlsName = "oldest" });
            for (int i = 1; i < UpstreamPool.IdleMax; i++)
                pool.Return(new UpstreamConnection(Unused(), null, pool));
            UpstreamConnection last = new(Unused(), null, pool);
            using Barrier start = new(2);
            Task returning = Task.Run(() =>
            {
                start.SignalAndWait();
                pool.Return(last);
            });
            start.SignalAndWait();
            UpstreamConnection? taken = pool.TryTake("oldest");
            await returning;
            Assert.Equal(taken is null, oldest.IsClosed);
        }
    }

    [Fact]
    public void The_pool_keeps_the_latest_and_closes_the_rest()
    {
        UpstreamPool pool = Pool();
        List<UpstreamConnection> returned = [.. Enumerable.Range(0, UpstreamPool.IdleMax + 3).Select(_ => new UpstreamConnection(Unused(), null, pool))];
        returned.ForEach(pool.Return);
        List<UpstreamConnection> taken = [];
        while (pool.TryTake(null) is { } connection)
            taken.Add(connection);
        Assert.Equal(returned.Skip(3).Reverse(), taken);
    }

    private static UpstreamPool Pool()
    {
        ListLog log = new();
        ServerAddress address = Setup.Server(1);
        HttpBackendOptions options = new() { Servers = [address] };
        OffloadSection section = new() { Name = "test", Index = 0, Backend = options, Tls = TlsIdentity.SelfSigned };
        Snapshot snapshot = new() { Gateway = new GatewayOptions(), Listeners = [], Sections = [section], Admin = new AdminOptions(Socket: null), Warnings = [] };
        Server server = new ServerRegistry(log).Build(snapshot)[options].Servers[0];
        return new UpstreamPool(server, options, null, new ConnectionSweep(), log);
    }

    // Without a descriptor: none of these is ever used.
    private LoopSocket Unused() => new(_loops.Next(), Fd.None);
}
