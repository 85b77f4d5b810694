using FastSni.Backends;
using FastSni.Config;
using Xunit;

namespace FastSni.Tests.Backends;

/// <summary>The loop around a check, with a clock and a check that do what the test says.</summary>
public sealed class HealthLoopTests : IAsyncLifetime
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly SteppedClock _clock = new();
    private readonly Server _server = Pools.Server("192.0.2.1");
    private readonly LineLog _log = new();
    private readonly List<HealthLoop> _loops = [];
    private Func<CancellationToken, Task<string?>> _probe = _ => Task.FromResult<string?>(null);

    [Fact]
    public async Task The_first_check_comes_within_a_second_and_the_next_after_an_interval_more_or_less()
    {
        int checks = 0;
        _probe = _ => Task.FromResult(Interlocked.Increment(ref checks) < 0 ? "" : null);
        Start();
        Assert.InRange(await _clock.NextWaitAsync(), TimeSpan.Zero, HealthLoop.SpreadMax);
        Assert.Equal(0, checks);
        for (int check = 1; check <= 20; check++)
        {
            _clock.EndWait();
            Assert.InRange(await _clock.NextWaitAsync(), Interval * 0.899, Interval * 1.101);
            Assert.Equal(check, checks);
        }
    }

    [Fact]
    public async Task What_a_check_took_is_part_of_the_interval()
    {
        _probe = _ =>
        {
            _clock.Advance(TimeSpan.FromSeconds(4));
            return Task.FromResult<string?>(null);
        };
        Start();
        await NextCheckAsync();
        Assert.InRange(await _clock.NextWaitAsync(), TimeSpan.FromSeconds(4.99), TimeSpan.FromSeconds(7.01));
    }

    [Fact]
    public async Task A_server_goes_down_with_the_third_failure_and_up_with_the_second_success_and_both_are_said_once()
    {
        Queue<string?> results = new(["refused", "refused", null, "a", "b", "HTTP status 500", "d", null, "e", null, null, null]);
        string seen = "";
        _probe = _ => Task.FromResult(results.Dequeue());
        Start();
        while (results.Count > 0)
        {
            await NextCheckAsync();
            seen += await AfterCheckAsync() ? 'u' : 'd';
        }
        Assert.Equal("uuuuuddddduu", seen);
        Assert.Equal(
        [
            "Warning: server 192.0.2.1:443 is down: 3 tcp checks in a row failed, the last one: HTTP status 500",
            "Information: server 192.0.2.1:443 is up again: 2 tcp checks in a row went well",
        ], _log.Lines);
    }

    [Fact]
    public async Task Of_two_checks_the_first_down_and_the_last_up_are_news()
    {
        _probe = _ => Task.FromResult<string?>("refused");
        SteppedClock otherClock = new();
        HealthLoop one = Start(), other = Start(otherClock);
        foreach (SteppedClock clock in new[] { _clock, otherClock })
        {
            for (int check = 0; check < HealthVerdict.FailuresToGoDown; check++)
            {
                await clock.NextWaitAsync();
                clock.EndWait();
            }
            await clock.WaitsAsync();
        }
        Assert.Single(_log.Lines);
        Assert.True(one.LetGo());
        Assert.False(_server.IsUp);
        Assert.True(other.LetGo());
        Assert.True(_server.IsUp);
        Assert.False(other.LetGo());
    }

    [Fact]
    public async Task A_check_that_is_stopped_takes_its_call_back()
    {
        _probe = _ => Task.FromResult<string?>("refused");
        HealthLoop loop = Start();
        for (int check = 0; check < HealthVerdict.FailuresToGoDown; check++)
            await NextCheckAsync();
        Assert.False(await AfterCheckAsync());
        await EndAsync(loop);
        Assert.True(_server.IsUp);
    }

    [Fact]
    public async Task A_check_that_ends_late_has_no_say_any_more()
    {
        TaskCompletionSource begun = new();
        TaskCompletionSource<string?> third = new();
        int checks = 0;
        _probe = _ =>
        {
            if (++checks < HealthVerdict.FailuresToGoDown)
                return Task.FromResult<string?>("refused");
            begun.SetResult();
            return third.Task;
        };
        HealthLoop loop = Start();
        for (int check = 0; check < HealthVerdict.FailuresToGoDown; check++)
            await NextCheckAsync();
        await begun.Task;
        Assert.False(loop.LetGo());
        third.SetResult("c");
        await EndAsync(loop);
        Assert.True(_server.IsUp);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Stopping_ends_a_check_under_way()
    {
        TaskCompletionSource begun = new();
        _probe = async stop =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, stop);
            return null;
        };
        HealthLoop loop = Start();
        await NextCheckAsync();
        await begun.Task;
        await EndAsync(loop);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (HealthLoop loop in _loops)
            await loop.DisposeAsync();
    }

    private ValueTask EndAsync(HealthLoop loop)
    {
        _loops.Remove(loop);
        return loop.DisposeAsync();
    }

    private HealthLoop Start(SteppedClock? clock = null)
    {
        HealthTarget target = new(_server, new HealthCheckOptions(HealthCheckKind.Tcp, Interval, null, "/"), 443);
        _loops.Add(new HealthLoop(target, stop => _probe(stop), _log, clock ?? _clock));
        return _loops[^1];
    }

    private async Task NextCheckAsync()
    {
        await _clock.NextWaitAsync();
        _clock.EndWait();
    }

    /// <summary>Whether the server is up once the loop waits again.</summary>
    private async Task<bool> AfterCheckAsync()
    {
        await _clock.WaitsAsync();
        return _server.IsUp;
    }
}
