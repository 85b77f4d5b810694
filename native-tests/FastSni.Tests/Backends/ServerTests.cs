using System.Net;
using FastSni.Backends;
using FastSni.Config;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Backends;

public class ServerTests
{
    private const long Second = 1_000_000;

    [Fact]
    public void A_server_is_marked_by_its_first_failure_and_unmarked_by_its_next_success()
    {
        Server server = Pools.Server("192.0.2.1");
        Assert.False(server.RecordSuccess());
        Assert.True(server.RecordFailure(0));
        Assert.False(server.RecordFailure(0));
        Assert.False(server.IsUp);
        Assert.True(server.RecordSuccess());
        Assert.False(server.RecordSuccess());
        Assert.True(server.IsUp);
    }

    [Fact]
    public void A_distant_server_is_written_to_at_once_again_after_63_connections()
    {
        Server server = Pools.Server("192.0.2.1");
        Assert.True(server.MayStandAtOnce());
        server.RecordDistance();
        Assert.All(Enumerable.Range(0, 63), _ => Assert.False(server.MayStandAtOnce()));
        Assert.True(server.MayStandAtOnce());
        Assert.True(server.MayStandAtOnce());
    }

    [Fact]
    public void The_back_off_doubles_up_to_a_minute_and_starts_over_after_a_success()
    {
        Server server = Pools.Server("192.0.2.1");
        long now = 100 * Second;
        foreach (int seconds in new[] { 1, 2, 4, 8, 16, 32, 60, 60, 60 })
        {
            server.RecordFailure(now);
            Assert.False(server.MayBeTried(now + seconds * Second - 1));
            now += seconds * Second;
            Assert.True(server.MayBeTried(now));
        }
        server.RecordSuccess();
        Assert.True(server.MayBeTried(now));
        server.RecordFailure(now);
        Assert.False(server.MayBeTried(now + Second - 1));
        Assert.True(server.MayBeTried(now + Second));
    }

    [Fact]
    public void Sessions_that_fail_together_are_one_failure()
    {
        Server server = Pools.Server("192.0.2.1");
        for (int session = 0; session < 500; session++)
            server.RecordFailure(session);
        Assert.True(server.MayBeTried(Second));
    }

    [Fact]
    public void Only_one_session_at_a_time_is_sent_to_find_out()
    {
        Server server = Pools.Server("192.0.2.1");
        server.RecordFailure(0);
        Assert.Equal([true, false, false], Enumerable.Range(0, 3).Select(_ => server.MayBeTried(2 * Second)));
        // Should that one never come back with an answer, another goes after a second.
        Assert.True(server.MayBeTried(3 * Second));
    }

    [Fact]
    public void Of_many_sessions_at_once_a_single_one_is_sent()
    {
        Server server = Pools.Server("192.0.2.1");
        server.RecordFailure(0);
        int sent = 0;
        Parallel.For(0, 1_000, _ => Interlocked.Add(ref sent, server.MayBeTried(2 * Second) ? 1 : 0));
        Assert.Equal(1, sent);
    }

    [Fact]
    public void An_empty_or_equal_answer_changes_nothing_and_another_one_does()
    {
        Server server = Pools.Host("app.example.org");
        Assert.False(server.IsReachable);
        IpEndpoint[] one = [IpEndpoint.Create(IPAddress.Parse("192.0.2.1"), 443)];
        IpEndpoint[] two = [.. one, IpEndpoint.Create(IPAddress.Parse("192.0.2.2"), 443)];
        Assert.Equal([true, false, false, true], new[] { one, [.. one], [], two }.Select(server.SetAddresses));
        Assert.Equal(two, server.Addresses);
        Assert.True(server.IsReachable);
    }

    [Fact]
    public void A_unix_socket_is_always_there()
    {
        Server server = new(new ServerAddress(ServerKind.Unix, "unix:/run/x", "/run/x", null));
        Assert.Equal((true, true, 0), (server.IsUnix, server.IsReachable, server.Addresses.Length));
    }
}
