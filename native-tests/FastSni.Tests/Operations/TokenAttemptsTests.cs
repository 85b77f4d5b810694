using FastSni.Operations;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Operations;

public sealed class TokenAttemptsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ManualClock _clock = new();
    private readonly TokenAttempts _attempts;

    public TokenAttemptsTests() => _attempts = new TokenAttempts(_clock);

    [Fact]
    public void The_fifth_wrong_token_of_a_minute_costs_a_minute()
    {
        IpEndpoint peer = Peer(1);
        for (int i = 1; i < TokenAttempts.PerPeerMax; i++)
            _attempts.CountWrong(peer);
        Assert.Null(_attempts.WaitOf(peer));
        _clock.Advance(TimeSpan.FromSeconds(50));
        _attempts.CountWrong(peer);
        Assert.Equal(Minute, _attempts.WaitOf(peer));
        Assert.Null(_attempts.WaitOf(Peer(2)));
        _clock.Advance(Minute - TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), _attempts.WaitOf(peer));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_attempts.WaitOf(peer));
    }

    [Fact]
    public void Wrong_tokens_far_apart_cost_nothing()
    {
        for (int i = 0; i < 20; i++)
        {
            _attempts.CountWrong(Peer(1));
            Assert.Null(_attempts.WaitOf(Peer(1)));
            _clock.Advance(TimeSpan.FromSeconds(20));
        }
    }

    [Fact]
    public void An_IPv6_64_is_one_peer()
    {
        for (int i = 1; i <= TokenAttempts.PerPeerMax; i++)
            _attempts.CountWrong(Records.Endpoint($"[2001:db8::{i}]:1000"));
        Assert.NotNull(_attempts.WaitOf(Records.Endpoint("[2001:db8::ffff]:2000")));
        Assert.Null(_attempts.WaitOf(Records.Endpoint("[2001:db8:0:1::1]:2000")));
    }

    [Fact]
    public void After_sixty_in_a_minute_everybody_waits_and_the_table_stays_small()
    {
        for (int minute = 0; minute < 10; minute++)
        {
            for (int i = 0; i < TokenAttempts.InAllMax; i++)
            {
                Assert.Null(_attempts.WaitOf(Peer(200)));
                _attempts.CountWrong(Peer((minute * TokenAttempts.InAllMax) + i + 1000));
            }
            Assert.Equal(Minute, _attempts.WaitOf(Peer(200)));
            Assert.InRange(_attempts.PeersKept, 1, 2 * TokenAttempts.InAllMax);
            _clock.Advance(Minute);
        }
    }

    [Fact]
    public void Who_has_shown_the_token_is_not_kept_out_by_the_guesses_of_others()
    {
        IpEndpoint known = Records.Endpoint("[2001:db8::7]:1000");
        _attempts.CountRight(known);
        for (int i = 1; i <= TokenAttempts.InAllMax; i++)
            _attempts.CountWrong(Records.Endpoint($"[2001:db8::1:{i}]:1000"));
        Assert.Equal(Minute, _attempts.WaitOf(Records.Endpoint("[2001:db8::8]:1000")));
        Assert.Equal(Minute, _attempts.WaitOf(Peer(1)));
        Assert.Null(_attempts.WaitOf(known));
        for (int i = 1; i <= TokenAttempts.PerPeerMax; i++)
            _attempts.CountWrong(known);
        Assert.Equal(Minute, _attempts.WaitOf(known));
    }

    [Fact]
    public void So_many_are_known_and_no_more()
    {
        for (int i = 0; i <= TokenAttempts.KnownMax; i++)
            _attempts.CountRight(Peer(i));
        Assert.False(_attempts.IsKnown(Peer(0)));
        Assert.True(_attempts.IsKnown(Peer(1)) && _attempts.IsKnown(Peer(TokenAttempts.KnownMax)));
    }

    private static IpEndpoint Peer(int number) => Records.Endpoint($"203.0.{number / 256}.{number % 256}:{1000 + number}");
}
