namespace FastSni.Passthrough;

/// <summary>
/// An array that grows by chunks: nothing is copied, nothing is left to the collector, and little is reserved in vain. A doubling array of timer entries
/// alone cost a hundred bytes an idle session.
/// </summary>
internal sealed class SlotChunks<T>
{
    private const int ChunkBits = 8, ChunkSlots = 1 << ChunkBits, ChunkMask = ChunkSlots - 1;

    private T[][] _chunks = [];

    internal int Capacity => _chunks.Length * ChunkSlots;

    internal ref T this[int slot] => ref _chunks[slot >> ChunkBits][slot & ChunkMask];

    /// <summary>Makes room for <paramref name="slot"/>.</summary>
    internal void GrowTo(int slot)
    {
        while (slot >= Capacity)
            _chunks = [.. _chunks, new T[ChunkSlots]];
    }
}
