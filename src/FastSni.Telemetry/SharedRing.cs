namespace FastSni.Telemetry;

/// <summary>
/// The producers' end of a ring that many threads write to. They take turns for as long as a record is copied; none of them ever waits for the reader.
/// </summary>
/// <param name="ring">Read as any other; nobody else writes to it.</param>
public sealed class SharedRing<T>(RecordRing<T> ring) where T : struct
{
    private readonly Lock _turn = new();

    /// <summary>False if the ring is full: then the record is dropped and counted by the ring.</summary>
    public bool TryWrite(in T record)
    {
        lock (_turn)
        {
            if (!ring.TryReserve(out Span<T> slot))
                return false;
            slot[0] = record;
            ring.Publish();
            return true;
        }
    }
}
