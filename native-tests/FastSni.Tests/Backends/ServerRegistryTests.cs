using System.Collections.Immutable;
using FastSni.Backends;
using FastSni.Config;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FastSni.Tests.Backends;

public class ServerRegistryTests
{
    private static readonly ServerAddress One = new(ServerKind.Ip, "192.0.2.1:443", "192.0.2.1", 443);

    private static readonly ServerAddress Two = new(ServerKind.Ip, "192.0.2.2:443", "192.0.2.2", 443);

    private readonly ServerRegistry _registry = new(NullLogger.Instance);

    [Fact]
    public void A_server_that_is_named_again_keeps_its_marks_and_its_sessions()
    {
        Server before = Build([One])[0].Servers[0];
        before.Enter();
        before.RecordFailure(0);
        Server after = Build([Two, One])[0].Servers[1];
        Assert.Same(before, after);
        Assert.Equal((1, false), (after.Active, after.IsUp));
    }

    [Fact]
    public void Two_sections_with_the_same_server_share_it()
    {
        ImmutableArray<ServerPool> pools = Build([One], [Two, One]);
        Assert.Same(pools[0].Servers[0], pools[1].Servers[1]);
    }

    [Fact]
    public void Every_list_has_its_own_pool()
    {
        ImmutableArray<ServerPool> pools = Build([Two], [One], [One, Two]);
        Assert.Equal([[Two], [One], [One, Two]], pools.Select(pool => pool.Servers.Select(server => server.Config)));
    }

    private ImmutableArray<ServerPool> Build(params ServerAddress[][] pools)
    {
        BackendOptions[] lists = [.. pools.Select(servers => new BackendOptions { Servers = [.. servers] })];
        BackendPools built = _registry.Build(lists.Select((list, index) => ($"passthrough:{index}", (ServerList)list)));
        return [.. lists.Select(list => built[list])];
    }
}
