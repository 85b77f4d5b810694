using System.Net.Sockets;
using System.Runtime.Versioning;
using FastSni.NativeTests.Support;
using FastSni.Operations;
using Xunit;

namespace FastSni.NativeTests.Control;

/// <summary>The socket's place in the file system: its mode, what it replaces, and what it leaves behind.</summary>
[SupportedOSPlatform("linux")]
public sealed class ControlSocketFileTests
{
    private const UnixFileMode Mode0660 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    [Fact]
    public async Task The_socket_is_for_user_and_group_and_stands_alone_in_its_folder()
    {
        await using ControlRig rig = ControlRig.Start();
        Assert.Equal(Mode0660, File.GetUnixFileMode(rig.Path));
        Assert.Equal([rig.Path], Directory.GetFiles(Path.GetDirectoryName(rig.Path)!));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_made_for_user_and_group()
    {
        await using ControlRig rig = ControlRig.Start();
        string folder = Path.Join(Path.GetDirectoryName(rig.Path), "run");
        await using ControlServer server = rig.New();
        Assert.Null(server.TryStart(Path.Join(folder, "control.sock")));
        Assert.Equal(Mode0660 | UnixFileMode.UserExecute | UnixFileMode.GroupExecute, File.GetUnixFileMode(folder) | UnixFileMode.GroupWrite);
        Assert.False(File.GetUnixFileMode(folder).HasFlag(UnixFileMode.GroupWrite));
    }

    [Fact]
    public async Task The_file_is_gone_after_the_stop_and_asking_says_so()
    {
        ControlRig rig = ControlRig.Start();
        using Socket idle = rig.Connect();
        await rig.Server.DisposeAsync();
        Assert.False(File.Exists(rig.Path));
        Assert.True(ControlRig.IsClosed(idle));
        ControlExchange exchange = await rig.AskAsync(new ControlRequest(ControlCommand.Status));
        Assert.Null(exchange.Reply);
        Assert.Contains("there is no such socket: is the gateway running", exchange.Trouble, StringComparison.Ordinal);
        await rig.DisposeAsync();
    }

    [Fact]
    public async Task What_a_dead_gateway_left_behind_is_replaced()
    {
        await using ControlRig rig = ControlRig.Start();
        string path = Path.Join(Path.GetDirectoryName(rig.Path), "stale.sock");
        using (Socket dead = Loopback.NewSocket(AddressFamily.Unix))
        {
            // .NET removes the name it has bound, so the dead one gets another.
            dead.Bind(new UnixDomainSocketEndPoint(path + ".x"));
            File.Move(path + ".x", path);
        }
        Assert.Contains("nobody answers", (await ControlClient.AskAsync(path, new ControlRequest(ControlCommand.Status))).Trouble, StringComparison.Ordinal);
        await using ControlServer server = rig.New();
        Assert.Null(server.TryStart(path));
        Assert.True((await ControlClient.AskAsync(path, new ControlRequest(ControlCommand.Status))).Reply!.Ok);
    }

    [Fact]
    public async Task A_live_gateway_that_is_not_the_predecessor_keeps_its_socket()
    {
        await using ControlRig rig = ControlRig.Start();
        await using ControlServer thief = rig.New();
        foreach (int? predecessor in new int?[] { null, Environment.ProcessId + 1 })
            Assert.Contains($"process {Environment.ProcessId} answers there already", thief.TryStart(rig.Path, predecessor), StringComparison.Ordinal);
        Assert.True((await rig.AskAsync(new ControlRequest(ControlCommand.Status))).Reply!.Ok);
    }

    [Fact]
    public async Task The_predecessors_is_replaced_without_a_gap_and_the_predecessor_leaves_it_alone()
    {
        await using ControlRig rig = ControlRig.Start();
        using Socket old = rig.Connect();
        await using ControlServer successor = rig.New();
        Assert.Null(successor.TryStart(rig.Path, predecessor: Environment.ProcessId));
        Assert.Contains("\"ok\":true", ControlRig.Say(old, """{"version":1,"command":"version"}"""), StringComparison.Ordinal);
        await rig.Server.DisposeAsync();
        Assert.True((await rig.AskAsync(new ControlRequest(ControlCommand.Status))).Reply!.Ok);
        Assert.Equal(1, successor.Counters.Requests);
    }

    [Fact]
    public async Task A_predecessor_that_has_left_the_path_never_removes_its_successors_socket()
    {
        await using ControlRig rig = ControlRig.Start();
        string path = Path.Join(Path.GetDirectoryName(rig.Path), "handed-over.sock");
        await using ControlServer successor = rig.New();
        int questions = 0;
        ControlServer predecessor = new(rig.Gateway, Identify, TimeProvider.System, rig.Log);
        Assert.Null(predecessor.TryStart(path));
        predecessor.LeavePath();
        await predecessor.DisposeAsync();
        Assert.True(File.Exists(path));

        FileIdentity? Identify(string asked)
        {
            // At the end, between the question whose the name is and its removal, it is taken over.
            if (++questions == 2)
                Assert.Null(successor.TryStart(asked, Environment.ProcessId));
            return new FileIdentity(1, 1);
        }
    }

    [Fact]
    public async Task A_command_that_is_being_done_at_the_stop_is_answered()
    {
        ControlRig rig = ControlRig.Start();
        Task<ControlExchange> upgrade = rig.AskAsync(new ControlRequest(ControlCommand.Upgrade));
        await Eventually.IsTrueAsync(() => rig.Gateway.Asked.Contains("upgrade"), "the upgrade begins");
        Task stop = rig.Server.DisposeAsync().AsTask();
        rig.Gateway.Upgrade.SetResult();
        Assert.True((await upgrade).Reply!.Ok);
        await stop;
        await rig.DisposeAsync();
    }

    [Fact]
    public async Task What_can_not_be_a_socket_is_left_alone_with_a_sentence()
    {
        await using ControlRig rig = ControlRig.Start();
        await using ControlServer server = rig.New();
        string folder = Path.GetDirectoryName(rig.Path)!;
        string file = Path.Join(folder, "precious");
        await File.WriteAllTextAsync(file, "precious");
        Assert.Contains("a file that is no socket", server.TryStart(file), StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(file));
        foreach (string other in (string[])[Path.Join(folder, "empty"), Path.Join(folder, "link"), Path.Join(folder, "pipe")])
        {
            if (other.EndsWith("empty", StringComparison.Ordinal))
                await File.WriteAllTextAsync(other, "");
            else if (other.EndsWith("link", StringComparison.Ordinal))
                File.CreateSymbolicLink(other, "/dev/null");
            else
                await System.Diagnostics.Process.Start("mkfifo", other).WaitForExitAsync();
            Assert.Contains("a file that is no socket", server.TryStart(other), StringComparison.Ordinal);
        }
        Assert.Contains("is a directory", server.TryStart(folder), StringComparison.Ordinal);
        Assert.Contains("too long", server.TryStart("/" + new string('x', 107)), StringComparison.Ordinal);
        Assert.Contains("must be able to write in /proc/none", server.TryStart("/proc/none/control.sock"), StringComparison.Ordinal);
        Assert.Contains("empty or too long", (await ControlClient.AskAsync(new string('x', 200), new ControlRequest(ControlCommand.Status))).Trouble, StringComparison.Ordinal);
    }
}
