using System.Net;
using FastSni.Config;
using FastSni.Passthrough;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Passthrough;

public class ClientTableTests
{
    private static readonly Instant Now = new(5_000_000);

    private static readonly IpEndpoint Client = Endpoint("192.0.2.1", 1000);

    private readonly ClientTable _table = new();

    [Fact]
    public void A_client_has_its_number_of_sessions_and_no_more()
    {
        WorkerSettings three = Limits(sessions: 3);
        Assert.Equal(3, Enter(Client, three, 5));
        Assert.True(_table.TryEnter(Endpoint("192.0.2.2"), three, Now));
        _table.Leave(Client, rateIsLimited: false);
        Assert.Equal(1, Enter(Client, three, 5));
    }

    [Fact]
    public void Of_a_flood_of_refusals_ten_a_second_are_told_for_each_client()
    {
        Enter(Client, Limits(sessions: 1), 1);
        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => _table.MayTell(Client, Now)));
        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => _table.MayTell(Client, Now + TimeSpan.FromSeconds(1))));
        // Nothing of it is open: nobody to count for.
        Assert.Equal(100, Enumerable.Range(0, 100).Count(_ => _table.MayTell(Endpoint("192.0.2.2"), Now)));
    }

    [Fact]
    public void The_port_makes_no_other_client() =>
        Assert.Equal(2, Enumerable.Range(1, 10).Count(port => _table.TryEnter(Client.WithPort(port), Limits(sessions: 2), Now)));

    [Fact]
    public void An_IPv6_network_of_64_bits_is_one_client()
    {
        WorkerSettings two = Limits(sessions: 2);
        Assert.True(_table.TryEnter(Endpoint("2001:db8:0:7::1"), two, Now));
        Assert.True(_table.TryEnter(Endpoint("2001:db8:0:7:ffff::2"), two, Now));
        Assert.False(_table.TryEnter(Endpoint("2001:db8:0:7::3"), two, Now));
        Assert.True(_table.TryEnter(Endpoint("2001:db8:0:8::1"), two, Now));
        _table.Leave(Endpoint("2001:db8:0:7:abcd::9"), rateIsLimited: false);
        Assert.True(_table.TryEnter(Endpoint("2001:db8:0:7::3"), two, Now));
    }

    [Fact]
    public void A_mapped_address_is_the_IPv4_client_it_stands_for()
    {
        Assert.Equal(1, Enter(Client, Limits(sessions: 1), 2));
        Assert.False(_table.TryEnter(Endpoint("::ffff:192.0.2.1"), Limits(sessions: 1), Now));
    }

    [Fact]
    public void A_rate_holds_over_the_end_of_sessions_and_begins_anew_with_the_next_second()
    {
        WorkerSettings settings = Limits(perSecond: 3);
        for (int i = 0; i < 3; i++)
        {
            Assert.True(_table.TryEnter(Client, settings, Now));
            _table.Leave(Client, rateIsLimited: true);
        }
        Assert.False(_table.TryEnter(Client, settings, Now));
        Assert.False(_table.TryEnter(Client, settings, new Instant(5_999_999)));
        Assert.True(_table.TryEnter(Client, settings, new Instant(6_000_000)));
    }

    [Fact]
    public void A_client_that_is_refused_for_its_rate_does_not_extend_its_own_ban()
    {
        WorkerSettings settings = Limits(perSecond: 1);
        Assert.Equal(1, Enter(Client, settings, 100));
        Assert.True(_table.TryEnter(Client, settings, Now + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Unfinished_hellos_have_a_limit_of_their_own()
    {
        WorkerSettings settings = Limits(sessions: 10);
        Assert.Equal(4, Enter(Client, settings, 4));
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => _table.TryEnterPending(Client, pendingMax: 2)));
        _table.LeavePending(Client);
        Assert.True(_table.TryEnterPending(Client, pendingMax: 2));
        Assert.True(_table.TryEnterPending(Client, pendingMax: 0));     // No limit.
    }

    [Fact]
    public void A_limit_holds_whatever_crowd_comes_and_goes_meanwhile()
    {
        WorkerSettings settings = Limits(sessions: 2, perSecond: 1_000);
        Assert.Equal(2, Enter(Client, settings, 2));
        for (int i = 0; i < 300_000; i++)
        {
            // Ten thousand new addresses a second, each gone at once: more than the table remembers.
            IpEndpoint passer = IpEndpoint.Create([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i], 1);
            Instant then = new(5_000_000 + i * 100L);
            Assert.True(_table.TryEnter(passer, settings, then));
            _table.Leave(passer, rateIsLimited: true);
        }
        Assert.False(_table.TryEnter(Client, settings, new Instant(100_000_000)));
        _table.Leave(Client, rateIsLimited: true);
        Assert.True(_table.TryEnter(Client, settings, new Instant(100_000_000)));
    }

    [Fact]
    public void Workers_that_count_at_the_same_time_lose_nothing()
    {
        WorkerSettings settings = Limits(sessions: 1_000_000);
        Parallel.For(0, 4, worker =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                Assert.True(_table.TryEnter(Client, settings, Now));
                Assert.True(_table.TryEnterPending(Client, 1_000_000));
                _table.LeavePending(Client);
                _table.Leave(Client, rateIsLimited: false);
            }
        });
        Assert.Equal(2, Enter(Client, Limits(sessions: 2), 3));
        Assert.Equal(2, Enumerable.Range(0, 3).Count(_ => _table.TryEnterPending(Client, 2)));
    }

    private int Enter(IpEndpoint client, WorkerSettings settings, int times) =>
        Enumerable.Range(0, times).Count(_ => _table.TryEnter(client, settings, Now));

    private static WorkerSettings Limits(int sessions = 0, int perSecond = 0) =>
        new(new GatewayOptions { MaxConnectionsPerClient = sessions, MaxNewSessionsPerClient = perSecond }, maxSessions: 1_000);

    private static IpEndpoint Endpoint(string address, int port = 1) => IpEndpoint.Create(IPAddress.Parse(address), port);
}
