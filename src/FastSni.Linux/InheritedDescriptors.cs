using System.Collections.Immutable;
using System.Globalization;
using Tmds.Linux;

namespace FastSni.Linux;

/// <summary>
/// What a process is given at its start, as its environment names it: by a predecessor that it is to replace, or by systemd (sd_listen_fds(3)).
/// Only numbers: whether they are what they should be is for who takes them up to find out.
/// </summary>
/// <param name="Sockets">Listening sockets, each once.</param>
/// <param name="Channel">Where the predecessor waits for a word; none without one.</param>
/// <param name="Predecessor">Its process id, or null.</param>
/// <param name="Problem">What in the environment was not heeded, and why; null: nothing.</param>
public sealed record InheritedDescriptors(ImmutableArray<Fd> Sockets, Fd Channel, int? Predecessor, string? Problem)
{
    private const string PredecessorVariable = "FASTSNI_PREDECESSOR", SocketsVariable = "FASTSNI_UPGRADE_FDS", ChannelVariable = "FASTSNI_UPGRADE_CHANNEL";
    private const string SystemdProcess = "LISTEN_PID", SystemdCount = "LISTEN_FDS", SystemdNames = "LISTEN_FDNAMES", WatchdogProcess = "WATCHDOG_PID";

    /// <summary>sd_listen_fds(3): the first of systemd's descriptors, behind the three that every program has.</summary>
    private const int FirstNumber = 3;

    /// <summary>More sockets than any unit has.</summary>
    private const int SystemdCountMax = 1024;

    /// <summary>Variables that are about one process and must not reach the next.</summary>
    public static ImmutableArray<string> Variables { get; } =
        [PredecessorVariable, SocketsVariable, ChannelVariable, SystemdProcess, SystemdCount, SystemdNames, WatchdogProcess];

    /// <summary>What this process was given.</summary>
    public static InheritedDescriptors Read() => Read(Environment.GetEnvironmentVariable, Environment.ProcessId, LibC.getppid());

    /// <param name="variable">A variable's value, or null.</param>
    internal static InheritedDescriptors Read(Func<string, string?> variable, int processId, int parentId)
    {
        if (variable(PredecessorVariable) is not { Length: > 0 } predecessor)
            return variable(SystemdProcess) is { } process && TryRead(process, out int wanted) && wanted == processId ? OfSystemd(variable(SystemdCount)) : None(null);
        // A stranger's variables would have us close and use descriptors that mean something else here.
        if (!TryRead(predecessor, out int id) || id != parentId)
            return None($"{PredecessorVariable} is not the parent process, {parentId}");
        List<Fd> sockets = [];
        foreach (string text in (variable(SocketsVariable) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TryReadDescriptor(text, out Fd socket))
                return None($"{SocketsVariable} is no list of descriptors");
            sockets.Add(socket);
        }
        return TryReadDescriptor(variable(ChannelVariable), out Fd channel)
            ? new InheritedDescriptors([.. sockets.Distinct()], channel, id, Problem: null)
            : None($"{ChannelVariable} is no descriptor");
    }

    /// <summary>Writes what <see cref="Read()"/> of a child of this process is to find.</summary>
    public static void Write(IDictionary<string, string?> environment, IEnumerable<Fd> sockets, Fd channel)
    {
        foreach (string name in Variables)
            environment.Remove(name);
        environment[PredecessorVariable] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        environment[SocketsVariable] = string.Join(',', sockets.Select(socket => socket.Number));
        environment[ChannelVariable] = channel.Number.ToString(CultureInfo.InvariantCulture);
    }

    private static InheritedDescriptors OfSystemd(string? count) => TryRead(count, out int sockets) && sockets <= SystemdCountMax
        ? new InheritedDescriptors([.. Enumerable.Range(FirstNumber, sockets).Select(number => new Fd(number))], Fd.None, null, Problem: null)
        : None($"{SystemdCount} is no number from 0 to {SystemdCountMax}");

    private static InheritedDescriptors None(string? problem) => new([], Fd.None, null, problem);

    private static bool TryReadDescriptor(string? text, out Fd descriptor)
    {
        bool isOne = TryRead(text, out int number) && number >= FirstNumber;
        descriptor = isOne ? new Fd(number) : Fd.None;
        return isOne;
    }

    private static bool TryRead(string? text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < int.MaxValue;
}
