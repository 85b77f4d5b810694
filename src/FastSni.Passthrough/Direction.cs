using FastSni.Linux;

namespace FastSni.Passthrough;

/// <summary>One of a session's two streams of bytes: what is held between source and target, and how far it has come. Worked by <see cref="Pump"/>.</summary>
internal struct Direction
{
    /// <summary>Held bytes in the kernel; borrowed only while there are some.</summary>
    internal Pipe? Pipe;

    /// <summary>Held bytes a copy could not deliver; borrowed only while there are some. Never together with <see cref="Pipe"/>.</summary>
    internal byte[]? Buffer;

    /// <summary>Where the held bytes start in <see cref="Buffer"/>.</summary>
    internal int BufferStart;

    /// <summary>Bytes taken from the source and not yet given to the target.</summary>
    internal int HeldBytes;

    /// <summary>Bytes given to the target since the session began.</summary>
    internal long DeliveredBytes;

    /// <summary>The source has sent all it will: an orderly end, or its failure.</summary>
    internal bool SourceEnded;

    /// <summary>The target was told of the end.</summary>
    internal bool EndForwarded;

    /// <summary>The flow is bulky: splice first.</summary>
    internal bool IsBulk;

    /// <summary>Visits in a row that moved little.</summary>
    internal byte ThinVisits;

    internal readonly bool IsDone => SourceEnded && HeldBytes == 0;
}
