namespace FastSni.Operations;

/// <summary>What one client of the control socket, and all of them together, may take.</summary>
internal sealed record ControlLimits
{
    public int ConnectionsMax { get; init; } = 32;

    /// <summary>Of these, the ones that who may only look does not get: idle members of the group must not keep root out.</summary>
    public int ConnectionsKept { get; init; } = 8;

    /// <summary>Of a request's line, its line feed included.</summary>
    public int LineBytesMax { get; init; } = 64 * 1024;

    /// <summary>From one answer to the end of the next request's line.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For taking one answer.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>At the stop, for commands that are being done.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
