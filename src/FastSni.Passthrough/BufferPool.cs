namespace FastSni.Passthrough;

/// <summary>A worker's buffers for bytes that a copy could not deliver at once. Bounded by the sessions: at most one a direction.</summary>
internal sealed class BufferPool
{
    /// <summary>Also the most one copy reads at a time.</summary>
    internal const int BufferBytes = 32 * 1024;

    private const int IdleBuffersMax = 64;

    private readonly Stack<byte[]> _idle = new(IdleBuffersMax);

    internal byte[] Borrow() => _idle.TryPop(out byte[]? buffer) ? buffer : GC.AllocateUninitializedArray<byte>(BufferBytes);

    /// <summary>Takes a buffer back; one of another size (an urgent hello's) is left to the collector.</summary>
    internal void Return(byte[] buffer)
    {
        if (buffer.Length == BufferBytes && _idle.Count < IdleBuffersMax)
            _idle.Push(buffer);
    }
}
