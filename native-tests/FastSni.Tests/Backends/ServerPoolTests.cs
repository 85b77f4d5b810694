using FastSni.Backends;
using FastSni.Config;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Backends;

public class ServerPoolTests
{
    private const long Second = 1_000_000;

    public static TheoryData<Balance> Balances => [.. Enum.GetValues<Balance>()];

    [Fact]
    public void Round_robin_goes_round()
    {
        ServerPool pool = Pools.Of(Balance.RoundRobin, 3);
        Assert.Equal([0, 1, 2, 0, 1, 2, 0], Enumerable.Range(0, 7).Select(_ => pool.Pick(Pools.SomeClient)));
    }

    [Fact]
    public void Round_robin_is_fair_whichever_workers_ask()
    {
        ServerPool pool = Pools.Of(Balance.RoundRobin, 4);
        int[] counts = new int[4];
        Parallel.For(0, 4_000, _ => Interlocked.Increment(ref counts[pool.Pick(Pools.SomeClient)]));
        Assert.All(counts, count => Assert.Equal(1_000, count));
    }

    [Fact]
    public void Least_connections_takes_the_server_with_fewest_sessions()
    {
        ServerPool pool = Pools.Of(Balance.LeastConnections, 3);
        int[] taken = [.. Enumerable.Range(0, 9).Select(_ => Enter(pool))];
        Assert.All(taken.CountBy(index => index), pair => Assert.Equal(3, pair.Value));
        pool.Servers[1].Leave();
        Assert.Equal(1, Enter(pool));
        Assert.All(pool.Servers, server => Assert.Equal(3, server.Active));
    }

    [Fact]
    public void Least_connections_spreads_what_is_equal()
    {
        ServerPool pool = Pools.Of(Balance.LeastConnections, 3);
        Assert.Equal(3, Enumerable.Range(0, 3).Select(_ => pool.Pick(Pools.SomeClient)).Distinct().Count());
    }

    [Fact]
    public void Source_gives_a_client_the_same_server_every_time_and_clients_are_spread()
    {
        ServerPool one = Pools.Of(Balance.Source, 5), other = Pools.Of(Balance.Source, 5);
        int[] counts = new int[5];
        for (int i = 0; i < 10_000; i++)
        {
            int index = one.Pick(Pools.Client(i));
            Assert.Equal(index, one.Pick(Pools.Client(i).WithPort(60_000)));
            Assert.Equal(index, other.Pick(Pools.Client(i)));
            counts[index]++;
        }
        Assert.All(counts, count => Assert.InRange(count, 1_700, 2_300));
    }

    [Fact]
    public void A_lost_server_moves_its_own_clients_and_nobody_else()
    {
        ServerPool pool = Pools.Of(Balance.Source, 5);
        int[] before = [.. Enumerable.Range(0, 5_000).Select(i => pool.Pick(Pools.Client(i)))];
        pool.Servers[2].RecordFailure(0);
        int[] after = [.. Enumerable.Range(0, 5_000).Select(i => pool.Pick(Pools.Client(i)))];
        Assert.All(before.Zip(after), pair => Assert.True(pair.First == 2 ? pair.Second != 2 : pair.Second == pair.First));
        Assert.Equal(4, after.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Balances))]
    public void A_session_is_offered_every_server_once(Balance balance)
    {
        ServerPool pool = Pools.Of(balance, BackendOptions.ServersMax);
        Assert.Equal(Enumerable.Range(0, BackendOptions.ServersMax), pool.PickAll(Pools.SomeClient).Order());
        Assert.Equal([0], Pools.Of(balance, 1).PickAll(Pools.SomeClient));
    }

    [Theory]
    [MemberData(nameof(Balances))]
    public void Servers_that_are_down_come_last_but_are_asked_all_the_same(Balance balance)
    {
        ServerPool pool = Pools.Of(balance, 5);
        pool.Servers[1].RecordFailure(0);
        pool.Servers[3].RecordFailure(0);
        int[] order = pool.PickAll(Pools.SomeClient);
        Assert.Equal([0, 2, 4], order[..3].Order());
        Assert.Equal([1, 3], order[3..].Order());
    }

    [Theory]
    [MemberData(nameof(Balances))]
    public void With_every_server_down_all_are_still_tried(Balance balance)
    {
        ServerPool pool = Pools.Of(balance, 3);
        foreach (Server server in pool.Servers)
            server.RecordFailure(0);
        Assert.Equal([0, 1, 2], pool.PickAll(Pools.SomeClient).Order());
    }

    [Theory]
    [MemberData(nameof(Balances))]
    public void After_its_back_off_a_server_gets_one_session_and_the_others_go_elsewhere(Balance balance)
    {
        ServerPool pool = Pools.Of(balance, 2);
        pool.Servers[0].RecordFailure(0);
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal(1, pool.Pick(Pools.SomeClient, Second - 1)));
        Assert.Equal(0, pool.Pick(Pools.SomeClient, Second));
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal(1, pool.Pick(Pools.SomeClient, Second)));
        // The session that was sent there and failed goes on to the server that is up.
        Assert.Equal([0, 1], pool.PickAll(Pools.SomeClient, 2 * Second));
    }

    [Theory]
    [MemberData(nameof(Balances))]
    public void A_name_that_was_never_found_is_passed_over(Balance balance)
    {
        Server unknown = Pools.Host("nowhere.example.org");
        Assert.Equal([1], new ServerPool("passthrough:test", [unknown, Pools.Server("192.0.2.1")], balance).PickAll(Pools.SomeClient));
        Assert.Empty(new ServerPool("passthrough:test", [unknown], balance).PickAll(Pools.SomeClient));
    }

    [Fact]
    public void Choosing_allocates_nothing()
    {
        foreach (Balance balance in Enum.GetValues<Balance>())
        {
            ServerPool pool = Pools.Of(balance, 8);
            IpEndpoint client = Pools.SomeClient;
            ulong tried = 0;
            pool.Pick(client, ref tried, 0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1_000; i++)
            {
                tried = 0;
                pool.Pick(client, ref tried, i);
            }
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static int Enter(ServerPool pool)
    {
        int index = pool.Pick(Pools.SomeClient);
        pool.Servers[index].Enter();
        return index;
    }
}
