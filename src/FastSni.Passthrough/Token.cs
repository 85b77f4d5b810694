namespace FastSni.Passthrough;

internal enum TokenKind { Client, Backend, Listener, WakeUp }

/// <summary>
/// What epoll gives back with an event: whose it is. A session's token carries its generation, so that an event for a session that ended earlier in
/// the same batch is recognised although its slot is in use again; a backend's also carries the attempt, for a session may try several. Bits: 0–1 kind,
/// 2–31 slot (or a listener's descriptor), 32–57 generation, 58–63 attempt.
/// </summary>
internal readonly record struct Token(ulong Value)
{
    private const uint GenerationMask = (1 << 26) - 1;
    private const int AttemptMask = (1 << 6) - 1;

    internal Token(TokenKind kind, int slot, uint generation = 0, int attempt = 0)
        : this((ulong)(attempt & AttemptMask) << 58 | (ulong)(generation & GenerationMask) << 32 | (uint)slot << 2 | (uint)kind)
    {
    }

    internal TokenKind Kind => (TokenKind)(Value & 3);

    internal int Slot => (int)((uint)Value >> 2);
}
