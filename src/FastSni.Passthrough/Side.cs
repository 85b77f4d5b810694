using FastSni.Linux;

namespace FastSni.Passthrough;

/// <summary>
/// One end of a session: its socket and what the kernel said of it. Readiness is only ever learned from an edge and only ever lost to a would-block
/// (or to a short read, which says the same), so that no descriptor is registered twice.
/// </summary>
internal struct Side
{
    private const EpollEvents Lasting = EpollEvents.ReadHangUp | EpollEvents.HangUp | EpollEvents.Error | EpollEvents.Priority;

    private ushort _lasting;    // Events that stay true once seen: an end, an error, an urgent byte.
    private Known _known;

    internal Fd Fd;

    // Four of these in a byte, since sessions are many and have two sides.
    [Flags]
    private enum Known : byte { Registered = 1, Readable = 2, Writable = 4, Failed = 8 }

    /// <summary>In the epoll set.</summary>
    internal bool IsRegistered { readonly get => Is(Known.Registered); set => Set(Known.Registered, value); }

    /// <summary>There may be something to read: ask.</summary>
    internal bool IsReadable { readonly get => Is(Known.Readable); set => Set(Known.Readable, value); }

    /// <summary>A write may be taken: try.</summary>
    internal bool IsWritable { readonly get => Is(Known.Writable); set => Set(Known.Writable, value); }

    /// <summary>A reset, a broken pipe or a dead peer was seen; what it sent before may still be in the queue.</summary>
    internal bool HasFailed { readonly get => Is(Known.Failed); set => Set(Known.Failed, value); }

    /// <summary>
    /// A read that brought less than asked for has emptied the queue, and the next byte will be a new edge; not so once an end or an urgent byte is
    /// queued behind the data, for whose edge has passed already.
    /// </summary>
    internal readonly bool ShortReadIsEmpty => _lasting == 0;

    /// <summary>A read that brought less than asked for has met the peer's FIN: with nothing failed and nothing urgent, only that can be behind the bytes.</summary>
    internal readonly bool ShortReadIsEnd =>
        (Seen & (EpollEvents.ReadHangUp | EpollEvents.Error | EpollEvents.Priority)) == EpollEvents.ReadHangUp && !HasFailed;

    /// <summary>The peer has sent its FIN; the bytes before it may be unread.</summary>
    internal readonly bool PeerEnded => (Seen & (EpollEvents.ReadHangUp | EpollEvents.HangUp)) != 0;

    /// <summary>The connection is gone both ways.</summary>
    internal readonly bool PeerGone => (Seen & (EpollEvents.HangUp | EpollEvents.Error)) != 0;

    /// <summary>The peer has sent an urgent byte (MSG_OOB): peeking and splicing stop at the mark, only recv passes it.</summary>
    internal readonly bool IsUrgent => (Seen & EpollEvents.Priority) != 0;

    private readonly EpollEvents Seen => (EpollEvents)_lasting;

    internal void Note(EpollEvents events)
    {
        _lasting |= (ushort)(events & Lasting);
        IsReadable |= (events & (EpollEvents.In | Lasting)) != 0;
        IsWritable |= (events & (EpollEvents.Out | EpollEvents.HangUp | EpollEvents.Error)) != 0;
    }

    /// <summary>Records a failure and has the queue read to its end.</summary>
    internal void Fail()
    {
        HasFailed = true;
        IsReadable = true;
    }

    internal void Close()
    {
        Fd.Close();
        this = default;
    }

    private readonly bool Is(Known known) => (_known & known) != 0;

    private void Set(Known known, bool isTrue) => _known = isTrue ? _known | known : _known & ~known;
}
