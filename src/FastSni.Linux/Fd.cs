namespace FastSni.Linux;

/// <summary>A borrowed file descriptor: a number without an owner's duties. Whoever owns it says so, and closes it exactly once.</summary>
public readonly record struct Fd
{
    // One more than the number, so that a default value is no descriptor and never standard input.
    private readonly int _numberPlusOne;

    public Fd(int number) => _numberPlusOne = number + 1;

    public static Fd None => default;

    public int Number => _numberPlusOne - 1;

    public bool IsOpen => _numberPlusOne > 0;

    /// <summary>Closes the descriptor. Linux frees it even when close(2) reports an error, so there is nothing to retry.</summary>
    public void Close()
    {
        if (IsOpen)
            _ = Tmds.Linux.LibC.close(Number);
    }
}
