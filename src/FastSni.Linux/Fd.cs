namespace FastSni.Linux;

/// <summary>A borrowed file descriptor: a number without an owner's duties. Whoever owns it says so, and closes it exactly once.</summary>
public readonly record struct Fd(int Number)
{
    public static Fd None { get; } = new(-1);

    public bool IsOpen => Number >= 0;

    /// <summary>Closes the descriptor. Linux frees it even when close(2) reports an error, so there is nothing to retry.</summary>
    public void Close()
    {
        if (IsOpen)
            _ = Tmds.Linux.LibC.close(Number);
    }
}
