using FastSni.Backends;
using FastSni.Config;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Backends;

/// <summary>What a health check's call does to a server and to the order of choice, alone and together with the marks that sessions leave.</summary>
public class ServerHealthTests
{
    private const long Second = 1_000_000;

    public static TheoryData<Balance> Balances => [.. Enum.GetValues<Balance>()];

    [Fact]
    public void A_server_is_down_while_any_check_says_so()
    {
        Server server = Pools.Server("192.0.2.1");
        Assert.Equal((true, false), (server.CallDown(), server.IsUp));
        Assert.Equal((false, false), (server.CallDown(), server.IsUp));
        Assert.Equal((false, false), (server.CallUp(), server.IsUp));
        Assert.Equal((true, true), (server.CallUp(), server.IsUp));
    }

    [Fact]
    public void A_session_that_works_does_not_overrule_a_check()
    {
        Server server = Pools.Server("192.0.2.1");
        server.CallDown();
        Assert.False(server.RecordFailure(0));
        Assert.False(server.RecordSuccess());
        Assert.False(server.IsUp);
        server.CallUp();
        Assert.True(server.IsUp);
    }

    [Fact]
    public void A_check_that_goes_well_does_not_overrule_what_a_session_met()
    {
        Server server = Pools.Server("192.0.2.1");
        Assert.True(server.RecordFailure(0));
        server.CallDown();
        server.CallUp();
        Assert.False(server.IsUp);
        Assert.False(server.MayBeTried(Second - 1));
        Assert.True(server.MayBeTried(Second));
        Assert.True(server.RecordSuccess());
        Assert.True(server.IsUp);
    }

    [Fact]
    public void The_back_off_of_a_mark_starts_at_a_second_even_where_a_check_called_down_before()
    {
        Server server = Pools.Server("192.0.2.1");
        server.CallDown();
        server.RecordFailure(0);
        server.CallUp();
        Assert.True(server.MayBeTried(Second));
    }

    [Theory]
    [MemberData(nameof(Balances))]
    public void No_session_is_sent_to_find_out_about_a_server_that_a_check_calls_down(Balance balance)
    {
        ServerPool pool = Pools.Of(balance, 2);
        pool.Servers[0].CallDown();
        pool.Servers[0].RecordFailure(0);
        Assert.All(Enumerable.Range(0, 100), second => Assert.Equal(1, pool.Pick(Pools.SomeClient, second * Second)));
        Assert.Equal([1, 0], pool.PickAll(Pools.SomeClient, 100 * Second));
    }

    [Theory]
    [MemberData(nameof(Balances))]
    public void First_come_servers_that_are_up_then_marked_ones_then_those_called_down(Balance balance)
    {
        ServerPool pool = Pools.Of(balance, 5);
        pool.Servers[0].CallDown();
        pool.Servers[3].CallDown();
        pool.Servers[1].RecordFailure(0);
        int[] order = pool.PickAll(Pools.SomeClient);
        Assert.Equal([2, 4], order[..2].Order());
        Assert.Equal(1, order[2]);
        Assert.Equal([0, 3], order[3..].Order());
    }

    [Theory]
    [MemberData(nameof(Balances))]
    public void A_server_called_down_does_not_stand_before_the_trial_of_a_marked_one(Balance balance)
    {
        ServerPool pool = Pools.Of(balance, 3);
        pool.Servers[0].CallDown();
        pool.Servers[1].RecordFailure(0);
        int[] clients = [.. Enumerable.Range(0, 50).Select(i => pool.Pick(Pools.Client(i), Second))];
        Assert.Equal(1, clients[0]);
        Assert.All(clients[1..], index => Assert.Equal(2, index));
    }

    [Theory]
    [MemberData(nameof(Balances))]
    public void With_every_server_called_down_all_are_still_tried(Balance balance)
    {
        ServerPool pool = Pools.Of(balance, 3), lone = Pools.Of(balance, 1);
        foreach (Server server in pool.Servers.AddRange(lone.Servers))
            server.CallDown();
        Assert.Equal([0, 1, 2], pool.PickAll(Pools.SomeClient).Order());
        Assert.Equal([0], lone.PickAll(Pools.SomeClient));
    }

    [Fact]
    public void Choosing_among_servers_called_down_allocates_nothing()
    {
        ServerPool pool = Pools.Of(Balance.Source, 8);
        pool.Servers[3].CallDown();
        pool.Servers[5].RecordFailure(0);
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
