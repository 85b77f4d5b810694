namespace FastSni.Compare.Running;

/// <summary>Where a process runs.</summary>
/// <param name="IsUrgent">Under SCHED_FIFO: what else its CPUs are asked to do waits, and does not show in what is measured.</param>
internal sealed record Place(IReadOnlyList<int> Cpus, bool IsUrgent = false)
{
    private const int UrgentPriority = 10;

    public static Place On(int cpu) => new([cpu]);

    /// <summary>taskset and chrt each become the next by exec.</summary>
    public IEnumerable<string> Wrap(CommandLine command)
    {
        string[] urgently = IsUrgent ? ["chrt", "--fifo", $"{UrgentPriority}"] : [];
        return ["taskset", "-c", string.Join(',', Cpus), .. urgently, command.Program, .. command.Arguments];
    }
}
