namespace FastSni.Linux;

/// <summary>RLIMIT_NOFILE of this process (getrlimit(2)).</summary>
public static unsafe class ProcessLimits
{
    /// <summary>Raises the soft limit on open descriptors to the hard one, and returns what now holds.</summary>
    public static long RaiseOpenFiles()
    {
        Sys.Rlimit limit;
        // SAFETY: the kernel reads and writes one struct on this frame.
        Sys.ThrowIfFailed(Sys.GetRlimit(Sys.RlimitNofile, &limit), "getrlimit");
        if (limit.Current < limit.Maximum)
        {
            Sys.Rlimit raised = new() { Current = limit.Maximum, Maximum = limit.Maximum };
            if (Sys.SetRlimit(Sys.RlimitNofile, &raised) == 0)
                limit = raised;
        }
        return (long)Math.Min(limit.Current, int.MaxValue);
    }
}
