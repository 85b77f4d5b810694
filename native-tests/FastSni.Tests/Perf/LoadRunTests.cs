using FastSni.LoadTests.Load;
using Xunit;

namespace FastSni.Tests.Perf;

public class LoadRunTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_open_model_begins_its_rate_of_steps_and_counts_their_bytes()
    {
        LoadHarness.Time time = new();
        LoadRun run = new(_ => Task.FromResult(StepResult.Ok(7)), new(new Inject(50), TimeSpan.Zero, 2 * Second), time);

        await run.RunAsync(CancellationToken.None).WaitAsync(Patience);

        Assert.Equal((100, 700, 0, 0), (run.Tally.Ok, run.Tally.Bytes, run.Tally.StartedLate, run.Tally.NotStarted));
        Assert.Equal([50, 50], run.Tally.OkBySecond);
    }

    [Fact]
    public async Task A_stall_is_in_the_latency_of_every_step_that_was_due_meanwhile()
    {
        LoadHarness.Time time = new();
        int steps = 0;
        // The first of ten steps, one each 100 ms, holds everything up for 450 ms; the others take no time at all.
        LoadRun run = new(_ =>
        {
            if (steps++ == 0)
                time.Advance(TimeSpan.FromMilliseconds(450));
            return Task.FromResult(StepResult.Ok(0));
        }, new(new Inject(10), TimeSpan.Zero, Second), time);

        await run.RunAsync(CancellationToken.None).WaitAsync(Patience);

        // 450 ms itself, then 350, 250, 150 and 50 for those that were due at 100, 200, 300 and 400 ms.
        Assert.Equal(10, run.Tally.Ok);
        Assert.Equal(4, run.Tally.StartedLate);
        Assert.Equal([450.0, 350, 250, 150, 50, 0], new double[] { 100, 90, 80, 70, 60, 50 }.Select(percentile => Math.Round(run.Tally.LatencyAt(percentile))));
    }

    [Fact]
    public async Task Steps_of_the_warm_up_are_made_and_not_counted()
    {
        LoadHarness.Time time = new();
        int steps = 0;
        LoadRun run = new(_ => Task.FromResult(++steps <= 10 ? StepResult.Failed("cold") : StepResult.Ok(1)), new(new Inject(10), Second, 3 * Second), time);

        await run.RunAsync(CancellationToken.None).WaitAsync(Patience);

        Assert.Equal((40, 30, 0), (steps, run.Tally.Ok, run.Tally.Failed));
        Assert.Equal([10, 10, 10], run.Tally.OkBySecond);
    }

    [Fact]
    public async Task Steps_that_find_no_place_are_counted_and_not_begun()
    {
        LoadHarness.Time time = new();
        TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int begun = 0, due = LoadRun.InFlightMax + 100;
        LoadRun run = new(async _ =>
        {
            begun++;
            await answer.Task;
            return StepResult.Ok(0);
        }, new(new Inject(due), TimeSpan.Zero, Second), time);

        Task running = run.RunAsync(CancellationToken.None);
        while (run.Tally.NotStarted < 100)
            await Task.Delay(5).WaitAsync(Patience);
        Assert.False(running.IsCompleted);
        answer.SetResult();
        await running.WaitAsync(Patience);

        Assert.Equal((LoadRun.InFlightMax, LoadRun.InFlightMax, 100), (begun, run.Tally.Ok, run.Tally.NotStarted));
    }

    [Fact]
    public async Task The_closed_model_keeps_so_many_steps_under_way_and_no_more()
    {
        LoadHarness.Time time = new();
        using LoadHarness.Gate gate = new();
        LoadRun run = new(gate.EnterAsync, new(new KeepConstant(3), TimeSpan.Zero, Second), time);

        Task running = run.RunAsync(CancellationToken.None);
        for (int entered = 3; entered <= 12; entered++)
        {
            await gate.EnteredAsync(entered, Patience);
            Assert.Equal(3, gate.Inside);
            gate.LetOneOut();
        }
        await gate.EnteredAsync(13, Patience);
        time.Advance(Second);
        for (int left = 0; left < 3; left++)
            gate.LetOneOut();
        await running.WaitAsync(Patience);

        Assert.Equal((13, 13, 3), (gate.Entered, run.Tally.Ok, gate.InsideMax));
    }

    [Fact]
    public async Task Failures_are_counted_by_their_reason_and_an_exception_is_one()
    {
        LoadHarness.Time time = new();
        int steps = 0;
        LoadRun run = new(_ => (steps++ % 4) switch
        {
            0 => Task.FromResult(StepResult.Ok(1)),
            1 => throw new InvalidOperationException("in the step"),
            _ => Task.FromResult(StepResult.Failed("status 502")),
        }, new(new Inject(20), TimeSpan.Zero, Second), time);

        await run.RunAsync(CancellationToken.None).WaitAsync(Patience);

        Assert.Equal((5, 15), (run.Tally.Ok, run.Tally.Failed));
        Assert.Equal(["5 × InvalidOperationException: in the step", "10 × status 502"], run.Tally.Failures.Select(failure => $"{failure.Value} × {failure.Key}"));
        Assert.Equal([5], run.Tally.OkBySecond);
    }

    [Fact]
    public void Reasons_that_a_server_makes_up_do_not_fill_the_memory()
    {
        LoadTally tally = new(Second);

        for (int number = 0; number < 1000; number++)
            tally.Record(StepResult.Failed($"status {number}"), Second, Second);

        Assert.Equal(1000, tally.Failed);
        Assert.InRange(tally.Failures.Count, 2, 40);
        Assert.True(tally.Failures["other"] > 900);
    }

    [Fact]
    public async Task An_interrupted_run_begins_no_more_steps_and_ends()
    {
        LoadHarness.Time time = new();
        using CancellationTokenSource interrupt = new();
        int steps = 0;
        LoadRun run = new(async _ =>
        {
            if (++steps == 5)
                await interrupt.CancelAsync();
            return StepResult.Ok(0);
        }, new(new Inject(10), TimeSpan.Zero, TimeSpan.FromHours(1)), time);

        await run.RunAsync(interrupt.Token).WaitAsync(Patience);

        Assert.Equal(5, steps);
        Assert.Equal(0, run.Tally.Failed);
    }

    [Theory]
    [InlineData(1, null, 1, 0, null)]
    [InlineData(null, 1, 3600, 300, null)]
    [InlineData(1, 1, 1, 0, "--rate is the open model")]
    [InlineData(0, null, 1, 0, "--rate is from 1")]
    [InlineData(20_001, null, 1, 0, "--rate is from 1")]
    [InlineData(null, 0, 1, 0, "--clients is from 1")]
    [InlineData(null, 4_001, 1, 0, "--clients is from 1")]
    [InlineData(null, 1, 0, 0, "--seconds is from")]
    [InlineData(null, 1, 3601, 0, "--seconds is from")]
    [InlineData(null, 1, double.NaN, 0, "--seconds is from")]
    [InlineData(null, 1, 1, -1, "--warm-up is from")]
    [InlineData(null, 1, 1, 301, "--warm-up is from")]
    public void A_plan_beyond_its_limits_is_refused(int? rate, int? clients, double seconds, double warmUp, string? refusal)
    {
        string? said = LoadPlan.Refusal(rate, clients, seconds, warmUp);

        if (refusal is null)
            Assert.Null(said);
        else
            Assert.StartsWith(refusal, said);
    }

    [Theory]
    [InlineData("127.0.0.1:443", true)]
    [InlineData("127.8.9.10:8443", true)]
    [InlineData("[::1]:443", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("192.0.2.1:443", false)]
    [InlineData("0.0.0.0:443", false)]
    [InlineData("[::ffff:192.0.2.1]:443", false)]
    [InlineData("[2001:db8::1]:443", false)]
    [InlineData("localhost:443", false)]
    [InlineData("example.com:443", false)]
    public void Only_loopback_is_loaded(string target, bool isTaken) => Assert.Equal(isTaken, LoadTarget.TryParse(target, out _));
}
