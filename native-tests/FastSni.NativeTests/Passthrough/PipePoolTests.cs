using FastSni.Linux;
using FastSni.NativeTests.Support;
using FastSni.Passthrough;
using Xunit;

namespace FastSni.NativeTests.Passthrough;

/// <summary>Pipes grow with the flow, are used again by size, and go when nobody needs them.</summary>
[Collection(Alone.Name)]
public class PipePoolTests
{
    private const int SmallBytes = 64 * 1024;

    private static readonly Instant Start = new(1_000_000);

    [Fact]
    public void A_flow_gets_a_pipe_of_the_size_it_is_worth()
    {
        using PipePool pool = NewPool();
        Assert.Equal([SmallBytes, PipePool.MediumBytes, PipePool.LargeBytes], Sizes(Borrow(pool, PipeSize.Small, PipeSize.Medium, PipeSize.Large)));
        Assert.Equal((3, 0, 0), (pool.Open, pool.Idle, pool.Refused));
    }

    [Fact]
    public void An_idle_pipe_of_that_size_is_preferred()
    {
        using PipePool pool = NewPool();
        Pipe[] pipes = Borrow(pool, PipeSize.Small, PipeSize.Medium, PipeSize.Large);
        Return(pool, pipes);
        Assert.Same(pipes[1], pool.TryBorrow(PipeSize.Medium));
        Assert.Same(pipes[2], pool.TryBorrow(PipeSize.Large));
        Assert.Same(pipes[0], pool.TryBorrow(PipeSize.Small));
        Assert.Equal((3, 0), (pool.Open, pool.Idle));
    }

    [Fact]
    public void A_smaller_idle_pipe_grows_and_a_larger_one_does_for_now()
    {
        using PipePool pool = NewPool();
        Pipe[] small = Borrow(pool, PipeSize.Small);
        Return(pool, small);
        Assert.Same(small[0], pool.TryBorrow(PipeSize.Large));
        Assert.Equal(PipePool.LargeBytes, small[0].CapacityBytes);
        Return(pool, small);
        Assert.Same(small[0], pool.TryBorrow(PipeSize.Small));
        Assert.Equal((1, PipePool.LargeBytes), (pool.Open, small[0].CapacityBytes));
    }

    [Theory]
    [InlineData(1, 16, 128)]
    [InlineData(4, 4, 32)]
    [InlineData(256, 1, 1)]
    public void Large_pipes_are_few_so_that_there_are_some_for_everybody(int workers, int large, int medium)
    {
        using PipePool pool = new(workers, pipesMax: 200);
        Pipe[] all = Borrow(pool, [.. Enumerable.Repeat(PipeSize.Large, 200)]);
        Assert.Equal((large, medium, 200 - large - medium),
            (Count(PipePool.LargeBytes), Count(PipePool.MediumBytes), Count(SmallBytes)));
        // One that is closed makes room for another.
        pool.Return(all.First(pipe => pipe.CapacityBytes == PipePool.LargeBytes), isEmpty: false);
        Assert.Equal(PipePool.LargeBytes, pool.TryBorrow(PipeSize.Large)?.CapacityBytes);

        int Count(int bytes) => all.Count(pipe => pipe.CapacityBytes == bytes);
    }

    [Fact]
    public void At_the_limit_there_is_none_and_that_is_counted()
    {
        using PipePool pool = new(workers: 1, pipesMax: 2);
        Pipe[] both = Borrow(pool, PipeSize.Small, PipeSize.Small);
        Assert.Null(pool.TryBorrow(PipeSize.Small));
        Assert.Equal((2, 1), (pool.Open, pool.Refused));
        pool.Return(both[0], isEmpty: true);
        Assert.Same(both[0], pool.TryBorrow(PipeSize.Small));
    }

    [Fact]
    public void After_a_rush_the_pool_is_empty_and_asks_for_no_more_wake_ups()
    {
        using PipePool pool = NewPool();
        pool.Trim(Start);
        Assert.Equal(Instant.Never, pool.TrimAt);
        Return(pool, Borrow(pool, [.. Enumerable.Repeat(PipeSize.Small, 20), PipeSize.Medium, PipeSize.Large]));
        Instant now = Start;
        pool.Trim(now);
        int looks = 0;
        for (; pool.TrimAt != Instant.Never; looks++)
        {
            pool.Trim(now);     // Before its time it does nothing.
            Assert.Equal(22, pool.Open);
            now = pool.TrimAt;
            pool.Trim(now);
        }
        Assert.Equal((0, 0, 1), (pool.Open, pool.Idle, looks));
    }

    [Fact]
    public void What_is_needed_now_and_then_stays()
    {
        using PipePool pool = NewPool();
        Return(pool, Borrow(pool, PipeSize.Small, PipeSize.Small, PipeSize.Small, PipeSize.Large));
        pool.Trim(Start);
        for (int interval = 0; interval < 5; interval++)
        {
            Return(pool, Borrow(pool, PipeSize.Small, PipeSize.Small));
            pool.Trim(pool.TrimAt);
            Assert.Equal((2, 2), (pool.Open, pool.Idle));
        }
    }

    private static PipePool NewPool() => new(workers: 1, pipesMax: 1024);

    private static Pipe[] Borrow(PipePool pool, params PipeSize[] sizes) => [.. sizes.Select(size => pool.TryBorrow(size)!)];

    private static void Return(PipePool pool, Pipe[] pipes) => Array.ForEach(pipes, pipe => pool.Return(pipe, isEmpty: true));

    private static int[] Sizes(Pipe[] pipes) => [.. pipes.Select(pipe => pipe.CapacityBytes)];
}
