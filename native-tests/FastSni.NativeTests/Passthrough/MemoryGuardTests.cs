using FastSni.NativeTests.Support;
using FastSni.Passthrough;
using Xunit;

namespace FastSni.NativeTests.Passthrough;

public sealed class MemoryGuardTests : IDisposable
{
    private readonly CgroupFolder _folder = new CgroupFolder().Tell(CgroupFolder.Version2Mount, "0::/fastsni");
    private readonly ListLog _log = new();
    private long _second;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Memory_is_short_from_nine_tenths_on_until_it_is_clearly_less()
    {
        _folder.Version2("/fastsni", "1000", 0, 0);
        using MemoryGuard guard = Guard();
        foreach ((long used, bool isShort) in new[] { (899, false), (900, true), (899, true), (870, true), (869, false), (899, false), (1000, true), (0, false) })
        {
            Assert.Equal(isShort, Look(guard, used));
            Assert.Equal(used / 1000.0, guard.UsedFraction);
        }
    }

    [Fact]
    public void Each_change_is_told_once()
    {
        _folder.Version2("/fastsni", $"{100 << 20}", 0, 0);
        using MemoryGuard guard = Guard();
        foreach (long used in new[] { 50, 95, 96, 95, 50, 40 })
            Look(guard, used << 20);
        Assert.Equal(
            [$"Warning: memory is short: 95 of 100 MiB are used at {_folder.Root}/sys/fs/cgroup/fastsni; new clients are refused until it is clearly less " +
                "(MemoryMax= in the unit raises the limit, max-connections lowers the need)",
             "Information: memory is enough again: 50 of 100 MiB are used; clients are let in"],
            _log.Lines.AsEnumerable());
    }

    [Fact]
    public void Changes_within_a_second_are_told_as_they_ended()
    {
        _folder.Version2("/fastsni", "1000", 0, 0);
        using MemoryGuard guard = Guard();
        Look(guard, 950);
        _second--;
        Look(guard, 100);
        _second--;
        Look(guard, 950);
        Look(guard, 950);
        Assert.Single(_log.Lines);
        Look(guard, 100);
        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public void Without_a_limit_memory_is_never_short()
    {
        _folder.Version2("/fastsni", "max", 1L << 60, 0);
        using MemoryGuard guard = Guard();
        Assert.False(Look(guard, 1L << 60));
        Assert.Equal(0, guard.UsedFraction);
    }

    [Fact]
    public async Task It_looks_by_itself_until_it_is_disposed()
    {
        _folder.Version2("/fastsni", "1000", 500, 0);
        using MemoryGuard guard = new(_folder.Find(), _log);
        await Eventually.IsTrueAsync(() => guard.UsedFraction == 0.5, "it has looked");
        _folder.Version2("/fastsni", "1000", 950, 0);
        await Eventually.IsTrueAsync(() => guard.IsShort, "it has looked again");
        guard.Dispose();
    }

    private MemoryGuard Guard() => new(_folder.Find(), _log, firstLook: Timeout.InfiniteTimeSpan);

    /// <summary>A second later than the last look.</summary>
    private bool Look(MemoryGuard guard, long used)
    {
        _folder.Write("sys/fs/cgroup/fastsni/memory.current", $"{used}\n");
        guard.Look(new Instant(++_second * 1_000_000));
        return guard.IsShort;
    }
}
