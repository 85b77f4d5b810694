using FastSni.Linux;
using Xunit;

namespace FastSni.NativeTests.Linux;

public class InheritedDescriptorsTests
{
    private const int Own = 700, Parent = 600;

    [Fact]
    public void What_is_written_for_a_child_is_read_by_it()
    {
        Dictionary<string, string?> environment = new()
        {
            ["LISTEN_PID"] = "1", ["LISTEN_FDS"] = "2", ["LISTEN_FDNAMES"] = "a:b", ["WATCHDOG_PID"] = "1", ["WATCHDOG_USEC"] = "5", ["NOTIFY_SOCKET"] = "/run/n",
        };
        InheritedDescriptors.Write(environment, [new Fd(7), new Fd(9)], new Fd(12));
        Assert.Equal(
            ["FASTSNI_PREDECESSOR", "FASTSNI_UPGRADE_CHANNEL", "FASTSNI_UPGRADE_FDS", "NOTIFY_SOCKET", "WATCHDOG_USEC"], environment.Keys.Order(StringComparer.Ordinal));
        InheritedDescriptors read = InheritedDescriptors.Read(name => environment.GetValueOrDefault(name), Own, Environment.ProcessId);
        Assert.Equal([7, 9], read.Sockets.Select(socket => socket.Number));
        Assert.Equal((12, Environment.ProcessId, null), (read.Channel.Number, read.Predecessor, read.Problem));
    }

    [Fact]
    public void A_program_that_is_started_alone_is_given_nothing() => AssertNothing(Read(), isProblem: false);

    [Theory]
    [InlineData("601")]
    [InlineData("1")]
    [InlineData("-600")]
    [InlineData("600 ")]
    [InlineData("x")]
    public void Only_the_parent_hands_anything_over(string predecessor) =>
        AssertNothing(Read(("FASTSNI_PREDECESSOR", predecessor), ("FASTSNI_UPGRADE_FDS", "7"), ("FASTSNI_UPGRADE_CHANNEL", "12")), isProblem: true);

    [Theory]
    [InlineData("7,x", "12")]
    [InlineData("7,-1", "12")]
    [InlineData("7,2", "12")]
    [InlineData("7,99999999999", "12")]
    [InlineData("7,2147483647", "12")]
    [InlineData("7", "")]
    [InlineData("7", null)]
    [InlineData("7", "0")]
    public void A_list_that_is_none_is_not_heeded(string sockets, string? channel) =>
        AssertNothing(Read(("FASTSNI_PREDECESSOR", "600"), ("FASTSNI_UPGRADE_FDS", sockets), ("FASTSNI_UPGRADE_CHANNEL", channel)), isProblem: true);

    [Fact]
    public void A_descriptor_that_is_named_twice_is_one()
    {
        InheritedDescriptors read = Read(("FASTSNI_PREDECESSOR", "600"), ("FASTSNI_UPGRADE_FDS", "7,7,8"), ("FASTSNI_UPGRADE_CHANNEL", "12"));
        Assert.Equal([7, 8], read.Sockets.Select(socket => socket.Number));
    }

    [Fact]
    public void Systemd_counts_its_sockets_from_3()
    {
        InheritedDescriptors read = Read(("LISTEN_PID", "700"), ("LISTEN_FDS", "2"));
        Assert.Equal([3, 4], read.Sockets.Select(socket => socket.Number));
        Assert.Equal((false, null, null), (read.Channel.IsOpen, read.Predecessor, read.Problem));
    }

    [Fact]
    public void Sockets_of_systemd_for_another_process_are_not_ours() => AssertNothing(Read(("LISTEN_PID", "701"), ("LISTEN_FDS", "2")), isProblem: false);

    [Theory]
    [InlineData("many")]
    [InlineData("-1")]
    [InlineData("1025")]
    [InlineData(null)]
    public void A_count_that_is_none_is_not_heeded(string? count) => AssertNothing(Read(("LISTEN_PID", "700"), ("LISTEN_FDS", count)), isProblem: true);

    private static InheritedDescriptors Read(params (string Name, string? Value)[] environment) =>
        InheritedDescriptors.Read(name => environment.FirstOrDefault(pair => pair.Name == name).Value, Own, Parent);

    private static void AssertNothing(InheritedDescriptors read, bool isProblem)
    {
        Assert.Empty(read.Sockets);
        Assert.Equal((false, null, isProblem), (read.Channel.IsOpen, read.Predecessor, read.Problem is not null));
    }
}
