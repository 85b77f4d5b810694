using FastSni.Linux;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Linux;

public sealed class CgroupMemoryTests : IDisposable
{
    private const string Own = "/system.slice/fastsni.service";

    private readonly CgroupFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_limit_of_the_own_cgroup_is_read_and_cache_that_can_be_dropped_is_not_used()
    {
        _folder.Tell(CgroupFolder.Version2Mount, "0::" + Own).Version2(Own, "1000", 850, 100);
        AssertUse(Own, 750, 1000);
    }

    [Fact]
    public void What_is_nearest_to_its_limit_counts_up_to_the_mount_point()
    {
        _folder.Tell(CgroupFolder.Version2Mount, "0::" + Own).Version2(Own, "1000", 500, 0).Version2("/system.slice", "2000", 1800, 0).Version2("", "9000", 1, 0);
        AssertUse("/system.slice", 1800, 2000);
        _folder.Version2(Own, "1000", 950, 0);
        AssertUse(Own, 950, 1000);
        _folder.Version2("", "9000", 8999, 0);
        AssertUse("", 8999, 9000);
    }

    [Theory]
    [InlineData("max")]
    [InlineData("9223372036854771712")]
    [InlineData("0")]
    [InlineData("")]
    [InlineData("nonsense")]
    public void What_is_no_limit_is_none(string max)
    {
        _folder.Tell(CgroupFolder.Version2Mount, "0::" + Own).Version2(Own, max, 850, 100);
        using CgroupMemory memory = _folder.Find();
        Assert.True(memory.HasLevels);
        Assert.Equal((default, 0), (memory.Sample(), memory.Sample().Fraction));
    }

    [Fact]
    public void A_cgroup_without_the_controller_is_passed_over()
    {
        _folder.Tell(CgroupFolder.Version2Mount, "0::" + Own).Version2("/system.slice", "1000", 10, 0).Write("sys/fs/cgroup" + Own + "/cgroup.procs", "");
        AssertUse("/system.slice", 10, 1000);
    }

    [Fact]
    public void Version_1_is_read_where_the_memory_controller_is_mounted()
    {
        _folder.Tell(
                "34 31 0:31 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n" +
                "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
                $"4:memory:{Own}\n1:cpu:/\n0::/")
            .Version1("sys/fs/cgroup/memory" + Own, 2000, 1500, 250).Version1("sys/fs/cgroup/memory", 9223372036854771712, 99999, 0);
        AssertUse("/memory" + Own, 1250, 2000);
    }

    [Theory]
    [InlineData("/docker/1234", "/docker/1234/app", "/app")]
    [InlineData("/docker/1234", "/docker/1234", "")]
    [InlineData("/docker/1234", "/", "")]
    [InlineData("/", "/../other", "")]
    [InlineData("/", "/docker/12345", "/docker/12345")]
    public void In_a_container_paths_begin_at_what_is_mounted(string mounted, string group, string seen)
    {
        _folder.Tell($"31 23 0:28 {mounted} /sys/fs/cgroup ro - cgroup2 cgroup rw", "0::" + group).Version2(seen, "1000", 10, 0);
        AssertUse(seen, 10, 1000);
    }

    [Fact]
    public void Without_cgroups_there_is_no_limit()
    {
        using CgroupMemory none = _folder.Find();
        Assert.Equal((false, default), (none.HasLevels, none.Sample()));
        _folder.Tell("nonsense", "nonsense\n::\n");
        using CgroupMemory broken = _folder.Find();
        Assert.Equal((false, default), (broken.HasLevels, broken.Sample()));
    }

    [Fact]
    public void A_limit_that_changes_is_seen_and_one_that_goes_too()
    {
        _folder.Tell(CgroupFolder.Version2Mount, "0::" + Own).Version2(Own, "max", 850, 100);
        using CgroupMemory memory = _folder.Find();
        Assert.Equal(default, memory.Sample());
        _folder.Version2(Own, "1000", 850, 100);
        Assert.Equal(0.75, memory.Sample().Fraction);
        _folder.Version2(Own, "max", 850, 100);
        Assert.Equal(default, memory.Sample());
    }

    [Fact]
    public void More_cache_than_use_is_no_use()
    {
        _folder.Tell(CgroupFolder.Version2Mount, "0::" + Own).Version2(Own, "1000", 100, 200);
        using CgroupMemory memory = _folder.Find();
        Assert.Equal(0, memory.Sample().Fraction);
    }

    [Fact]
    public void Looking_allocates_nothing()
    {
        _folder.Tell(CgroupFolder.Version2Mount, "0::" + Own).Version2(Own, "1000", 850, 100).Version2("/system.slice", "max", 850, 100);
        using CgroupMemory memory = _folder.Find();
        memory.Sample();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            memory.Sample();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void What_this_machine_says_of_itself_is_understood()
    {
        using CgroupMemory memory = CgroupMemory.Find();
        Assert.InRange(memory.Sample().Fraction, 0, 1);
    }

    private void AssertUse(string group, long used, long limit)
    {
        using CgroupMemory memory = _folder.Find();
        Assert.Equal(new CgroupUse(Path.Join(_folder.Root, "sys/fs/cgroup" + group), used, limit), memory.Sample());
    }
}
