using System.Diagnostics;
using System.Runtime.InteropServices;

namespace FastSni.Compare.Running;

/// <summary>
/// Runs this program again in a network and PID namespace of its own. Nothing outside is touched: sysctls under net.ipv4 belong to the network
/// namespace, and the kernel ends whatever is left in the PID namespace when its first process, the inner driver, ends.
/// </summary>
internal static class OwnNamespace
{
    public const string InsideOption = "--inside";
    public const string WorkspaceOption = "--workspace";

    /// <summary>Ephemeral ports start here; listeners stay below, so that no connection ever takes their place.</summary>
    public const int FirstEphemeralPort = 10_000;

    // Where the kernel groups sessions, niceness only counts inside a group; the group has a niceness of its own.
    private const string SchedulingGroup = "/proc/self/autogroup";

    public static int RunInside(IEnumerable<string> arguments, int loadCpu, int nice)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Console.Error.WriteLine("load tests need root: they make a network namespace of their own");
            return 2;
        }
        DirectoryInfo workspace = Directory.CreateTempSubdirectory("fastsni-perf-");
        string[] namespaces = ["--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
        // A session of its own is a scheduling group of its own, whose niceness Prepare sets.
        ProcessStartInfo start = new("unshare", [.. namespaces, "setsid", "taskset", "-c", $"{loadCpu}", "nice", "-n", $"{nice}", .. OwnCommand()]);
        foreach (string argument in arguments.Concat([InsideOption, CurrentNetwork(), WorkspaceOption, workspace.FullName]))
            start.ArgumentList.Add(argument);
        try
        {
            using Process inner = Process.Start(start)!;
            using PosixSignalRegistration interrupt = EndOn(PosixSignal.SIGINT, inner);
            using PosixSignalRegistration terminate = EndOn(PosixSignal.SIGTERM, inner);
            using PosixSignalRegistration hangUp = EndOn(PosixSignal.SIGHUP, inner);
            inner.WaitForExit();
            return inner.ExitCode;
        }
        finally
        {
            workspace.Delete(recursive: true);
        }
    }

    /// <param name="outerNetwork">The network namespace this program must have left.</param>
    /// <param name="workspace">Where the name service's own table is written.</param>
    public static void Prepare(string outerNetwork, string workspace, int nice)
    {
        if (CurrentNetwork() == outerNetwork)
            throw new InvalidOperationException("still in the outer network namespace: nothing is run there");
        if (File.Exists(SchedulingGroup))
            File.WriteAllText(SchedulingGroup, $"{nice}");
        using Process up = Process.Start("ip", ["link", "set", "lo", "up"]);
        up.WaitForExit();
        // Congestion control of loopback is no property of a gateway: bbr halves bulk numbers and moves work to where no process is charged.
        SetNetwork("ipv4/tcp_congestion_control", "reno");
        SetNetwork("ipv4/ip_local_port_range", $"{FirstEphemeralPort} 65535");
        SetNetwork("ipv4/tcp_tw_reuse", "1");
        // A small cap is reached in the first second, so that no contender runs with a fuller connection table than another.
        SetNetwork("ipv4/tcp_max_tw_buckets", "5000");
        SetNetwork("core/somaxconn", "16384");
        SetNetwork("ipv4/tcp_max_syn_backlog", "16384");
        AddHost(workspace);
    }

    // wrk takes the server name it sends from the address it dials. The mount namespace came with --mount-proc and is this run's own.
    private static void AddHost(string workspace)
    {
        string hosts = Path.Combine(workspace, "hosts");
        File.WriteAllText(hosts, $"127.0.0.1 localhost {Site.OffloadName}\n");
        using Process mount = Process.Start("mount", ["--bind", hosts, "/etc/hosts"]);
        mount.WaitForExit();
    }

    private static void SetNetwork(string key, string value) => File.WriteAllText("/proc/sys/net/" + key, value);

    private static string CurrentNetwork() => File.ResolveLinkTarget("/proc/self/ns/net", returnFinalTarget: false)!.Name;

    // The apphost, or `dotnet X.dll`.
    private static string[] OwnCommand()
    {
        string program = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return isHost ? [program, Environment.GetCommandLineArgs()[0]] : [program];
    }

    // The namespaces end with the process that made them, and everything in them.
    private static PosixSignalRegistration EndOn(PosixSignal signal, Process inner) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (!inner.HasExited)
            inner.Kill();
    });
}
