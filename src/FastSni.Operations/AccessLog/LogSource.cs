using FastSni.Telemetry;

namespace FastSni.Operations;

/// <summary>A ring as the log thread sees it, whatever its records are.</summary>
internal interface ILogSource
{
    /// <summary>Records lost because the ring was full.</summary>
    long Dropped { get; }

    /// <inheritdoc cref="RecordRing{T}.TrySleep"/>
    bool TrySleep();

    /// <summary>Takes what the ring holds, up to a number of records. One that can't be written is gone, and throws.</summary>
    void Drain(int recordsMax);
}

/// <summary>Adds a record's line to the log.</summary>
internal delegate void LineAdder<T>(in T record) where T : struct;

internal sealed class LogSource<T>(RecordRing<T> ring, LineAdder<T> add) : ILogSource where T : struct
{
    public long Dropped => ring.Dropped;

    public bool TrySleep() => ring.TrySleep();

    public void Drain(int recordsMax)
    {
        for (int count = 0; count < recordsMax && ring.TryRead(out ReadOnlySpan<T> slot); count++)
        {
            try
            {
                add(slot[0]);
            }
            finally
            {
                ring.Release();
            }
        }
    }
}
