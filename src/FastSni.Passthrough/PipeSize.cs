namespace FastSni.Passthrough;

/// <summary>What pipe a flow is worth. It starts without one and grows with the flow.</summary>
internal enum PipeSize : byte
{
    /// <summary>None: the flow is copied.</summary>
    None,
    /// <summary>As the kernel makes them: 64 KiB. With packets of 1500 bytes it holds about 23 kB.</summary>
    Small,
    /// <summary>256 KiB.</summary>
    Medium,
    /// <summary>1 MiB, the most that an unprivileged user is given (pipe-max-size).</summary>
    Large,
}
