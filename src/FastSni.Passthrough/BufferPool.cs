namespace FastSni.Passthrough;

/// <summary>A worker's buffers of one size, bounded by what its sessions can borrow at once.</summary>
/// <param name="idleMax">Buffers kept for the next borrower.</param>
internal sealed class BufferPool(int bufferBytes, int idleMax)
{
    private readonly Stack<byte[]> _idle = new();

    internal byte[] Borrow() => _idle.TryPop(out byte[]? buffer) ? buffer : GC.AllocateUninitializedArray<byte>(bufferBytes);

    /// <summary>Takes a buffer back; one of another size (an urgent hello's) is left to the collector.</summary>
    internal void Return(byte[] buffer)
    {
        if (buffer.Length == bufferBytes && _idle.Count < idleMax)
            _idle.Push(buffer);
    }
}
