using System.Diagnostics;
using System.Runtime.Versioning;
using FastSni.NativeTests.Support;
using FastSni.Operations;
using Xunit;

namespace FastSni.NativeTests.Control;

/// <summary>Other users at the socket, as the kernel tells them apart. Needs root, setpriv and python3.</summary>
[SupportedOSPlatform("linux")]
public sealed class ControlPeerTests
{
    private const string Nobody = "65534", RootGroup = "0";

    [SkippableFact]
    public async Task Another_user_and_group_does_not_get_in()
    {
        await using ControlRig rig = Start();
        Assert.Contains("PermissionError", await AskAsync(rig, Nobody, Nobody, """{"version":1,"command":"status"}"""), StringComparison.Ordinal);
        Assert.Empty(rig.Gateway.Asked);
    }

    [SkippableFact]
    public async Task Who_is_in_the_group_may_look_and_not_change()
    {
        await using ControlRig rig = Start();
        Assert.Contains("\"ok\":true", await AskAsync(rig, Nobody, RootGroup, """{"version":1,"command":"bans"}"""), StringComparison.Ordinal);
        string refused = await AskAsync(rig, Nobody, RootGroup, """{"version":1,"command":"ban","address":"192.0.2.7"}""");
        Assert.Contains("only root and the gateway\\u0027s own user may", refused, StringComparison.Ordinal);
        Assert.Empty(rig.Gateway.Asked);
        Assert.Equal(1, rig.Server.Counters.Refused(ControlRefusal.NotPermitted));
        Assert.Contains(rig.Log.Lines, line => line.StartsWith("Warning: Control socket: user id 65534", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Idle_members_of_the_group_do_not_keep_root_out()
    {
        await using ControlRig rig = Start();
        const string Program = "import socket,sys; many=[socket.socket(socket.AF_UNIX) for _ in range(40)]; [s.connect(sys.argv[1]) for s in many]; print(many[-1].recv(500).decode(), flush=True); sys.stdin.read()";
        using Process group = AsGroup(rig, Program);
        Assert.Contains("24 connections are open already", await group.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
        Assert.True((await rig.AskAsync(new ControlRequest(ControlCommand.Ban) { Address = "192.0.2.7" })).Reply!.Ok);
        Assert.Equal(16, rig.Server.Counters.Refused(ControlRefusal.TooManyConnections));
        group.StandardInput.Close();
        await group.WaitForExitAsync();
    }

    [SkippableFact]
    public async Task Of_those_who_only_look_two_are_sent_a_list_at_a_time_and_root_does_not_wait()
    {
        await using ControlRig rig = Start();
        rig.Gateway.SessionsTotal = 10_000;     // Megabytes: more than a unix socket holds.
        const string Program = "import socket,sys; many=[socket.socket(socket.AF_UNIX) for _ in range(10)]; [s.connect(sys.argv[1]) for s in many]; [s.sendall(b'{\"version\":1,\"command\":\"sessions\",\"limit\":10000}\\n') for s in many]; print('asked', flush=True); sys.stdin.read()";
        using Process group = AsGroup(rig, Program);
        Assert.Equal("asked", await group.StandardOutput.ReadLineAsync());
        await Eventually.IsTrueAsync(() => rig.Server.Counters.Requests == 10, "all are read");
        Assert.Equal(10_000, (await rig.AskAsync(new ControlRequest(ControlCommand.Sessions) { Limit = 10_000 })).Reply!.Read<SessionsReport>()!.Total);
        Assert.InRange(rig.Gateway.Asked.Count, 1, 3);
        group.StandardInput.Close();
        await group.WaitForExitAsync();
    }

    private static Process AsGroup(ControlRig rig, string program) => Process.Start(new ProcessStartInfo("/usr/bin/setpriv",
        [$"--reuid={Nobody}", $"--regid={RootGroup}", "--clear-groups", "/usr/bin/python3", "-c", program, rig.Path])
    {
        RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = "/",
    })!;

    private static ControlRig Start()
    {
        Skip.If(Environment.UserName != "root", "not root");
        Skip.IfNot(File.Exists("/usr/bin/setpriv") && File.Exists("/usr/bin/python3"), "needs setpriv and python3");
        ControlRig rig = ControlRig.Start();
        File.SetUnixFileMode(Path.GetDirectoryName(rig.Path)!,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute);
        return rig;
    }

    /// <summary>Says one line as another user, and brings all that came of it.</summary>
    private static async Task<string> AskAsync(ControlRig rig, string user, string group, string line)
    {
        const string Program = "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(sys.argv[2].encode()+b'\\n'); print(s.recv(65536).decode())";
        ProcessStartInfo start = new("/usr/bin/setpriv", [$"--reuid={user}", $"--regid={group}", "--clear-groups", "/usr/bin/python3", "-c", Program, rig.Path, line])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/",
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output + await error;
    }
}
