namespace FastSni.Telemetry;

public sealed class SharedRing<T>(int capacity, Action wakeReader) where T : struct
{
    private readonly Lock _lock = new();
    public long Count { get; private set; }
    public bool TryWrite(in T record)
    {
        lock (_lock)
            Count++;
        wakeReader();
        return record.Equals(default(T)) && Count < capacity;
    }
}
