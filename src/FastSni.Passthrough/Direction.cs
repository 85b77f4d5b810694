using FastSni.Linux;

namespace FastSni.Passthrough;

/// <summary>One of a session's two streams of bytes: what is held between source and target, and how far it has come. Worked by <see cref="Pump"/>.</summary>
internal struct Direction
{
    // A Pipe or a byte[]: one field, since they never occur together and sessions are many.
    private object? _holder;

    /// <summary>Held bytes in the kernel; borrowed only while there are some.</summary>
    internal readonly Pipe? Pipe => _holder as Pipe;

    /// <summary>Held bytes that a copy could not deliver, at its end; borrowed only while there are some.</summary>
    internal readonly byte[]? Buffer => _holder as byte[];

    /// <summary>Those bytes.</summary>
    internal readonly Memory<byte> Buffered => Buffer.AsMemory(^HeldBytes..);

    /// <summary>Bytes taken from the source and not yet given to the target.</summary>
    internal int HeldBytes;

    /// <summary>Bytes given to the target since the session began.</summary>
    internal long DeliveredBytes;

    /// <summary>The source has sent all it will: an orderly end, or its failure.</summary>
    internal bool SourceEnded;

    /// <summary>The target was told of the end.</summary>
    internal bool EndForwarded;

    /// <summary>The pipe the flow is worth.</summary>
    internal PipeSize Worth;

    /// <summary>Visits in a row that moved little.</summary>
    internal byte ThinVisits;

    internal void Borrow(Pipe pipe) => _holder = pipe;

    internal void Borrow(byte[] buffer) => _holder = buffer;

    internal void GiveBack() => _holder = null;

    /// <summary>Splice first.</summary>
    internal readonly bool IsBulk => Worth != PipeSize.None;

    internal readonly bool IsDone => SourceEnded && HeldBytes == 0;
}
