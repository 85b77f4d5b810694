using System.Globalization;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using FastSni.Passthrough;
using Xunit;

namespace FastSni.NativeTests.Passthrough;

/// <summary>A user without privileges has 16,384 pages for all pipes (pipe-user-pages-soft) and 1 MiB for one (pipe-max-size).</summary>
[Collection(Alone.Name)]
public class UnprivilegedPipesTests
{
    private const int SharePages = 16_384, MaxBytes = 1024 * 1024;

    [SkippableFact]
    public void The_share_is_dealt_out_to_a_few_large_more_moderate_and_many_small_pipes()
    {
        SkipUnlessUsual();
        OtherUser.Run(() =>
        {
            using PipePool pool = new(workers: 1, pipesMax: 1024);
            List<Pipe> pipes = BorrowAll(pool);
            Assert.Equal([(64 * 1024, 256), (256 * 1024, 128), (MaxBytes, 16)], pipes
                .GroupBy(pipe => pipe.CapacityBytes).OrderBy(group => group.Key).Select(group => (group.Key, group.Count())));
            Assert.Equal((400, 1), (pool.Open, pool.Refused));
            pipes.ForEach(pipe => pool.Return(pipe, isEmpty: true));
            // What came back first is kept; the largest are among it.
            Pipe? again = pool.TryBorrow(PipeSize.Large);
            Assert.Equal(MaxBytes, again?.CapacityBytes);
            again!.Dispose();
        });
    }

    [SkippableFact]
    public void A_pipe_that_may_not_grow_is_used_as_it_is()
    {
        SkipUnlessUsual();
        OtherUser.Run(() =>
        {
            // Somebody else of this user leaves pages for one small pipe and a little more.
            List<Pipe> others = [.. Enumerable.Range(0, 63).Select(_ => Opened(MaxBytes)), Opened(MaxBytes / 2), Opened(MaxBytes / 4), Opened(MaxBytes / 8)];
            using PipePool pool = new(workers: 1, pipesMax: 1024);
            Pipe? pipe = pool.TryBorrow(PipeSize.Large);
            Assert.Equal(64 * 1024, pipe?.CapacityBytes);
            Assert.False(pipe!.TryGrow(MaxBytes));
            Assert.Equal(64 * 1024, pipe.CapacityBytes);
            // It is not asked for at once again, and granted when there is room.
            others.ForEach(other => other.Dispose());
            for (int wishes = 0; pipe!.CapacityBytes < MaxBytes; wishes++)
            {
                Assert.InRange(wishes, 0, 300);
                pool.Return(pipe, isEmpty: true);
                pipe = pool.TryBorrow(PipeSize.Large);
            }
            pool.Return(pipe, isEmpty: true);
        });
    }

    [SkippableFact]
    public void A_tiny_pipe_is_refused_and_closed()
    {
        SkipUnlessUsual();
        OtherUser.Run(() =>
        {
            List<Pipe> all = [.. Enumerable.Range(0, 64).Select(_ => Opened(MaxBytes))];
            int before = Directory.GetFiles("/proc/self/fd").Length;
            Assert.Null(Pipe.TryOpen());
            Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, before);
            all.ForEach(pipe => pipe.Dispose());
        });
    }

    private static List<Pipe> BorrowAll(PipePool pool)
    {
        List<Pipe> pipes = [];
        while (pool.TryBorrow(PipeSize.Large) is { } pipe)
            pipes.Add(pipe);
        return pipes;
    }

    private static Pipe Opened(int bytes)
    {
        Pipe pipe = Pipe.TryOpen()!;
        Assert.True(pipe.TryGrow(bytes));
        return pipe;
    }

    private static void SkipUnlessUsual()
    {
        Skip.IfNot(OtherUser.IsPossible, "only root can become another user");
        Skip.IfNot(Read("pipe-user-pages-soft") == SharePages && Read("pipe-max-size") == MaxBytes && Environment.SystemPageSize == 4096,
            "this system has other limits on pipes than the kernel's own");
    }

    private static long Read(string name) => long.Parse(File.ReadAllText($"/proc/sys/fs/{name}"), CultureInfo.InvariantCulture);
}
