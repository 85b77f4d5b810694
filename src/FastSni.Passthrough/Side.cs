using FastSni.Linux;

namespace FastSni.Passthrough;

/// <summary>
/// One end of a session: its socket and what the kernel said of it. Readiness is only ever learned from an edge and only ever lost to a would-block
/// (or to a short read, which says the same), so that no descriptor is registered twice.
/// </summary>
internal struct Side
{
    private const EpollEvents Lasting = EpollEvents.ReadHangUp | EpollEvents.HangUp | EpollEvents.Error | EpollEvents.Priority;

    // Events that stay true once seen: an end, an error, an urgent byte.
    private EpollEvents _seen;

    internal Fd Fd;

    /// <summary>In the epoll set.</summary>
    internal bool IsRegistered;

    /// <summary>There may be something to read: ask.</summary>
    internal bool IsReadable;

    /// <summary>A write may be taken: try.</summary>
    internal bool IsWritable;

    /// <summary>A reset, a broken pipe or a dead peer was seen; what it sent before may still be in the queue.</summary>
    internal bool HasFailed;

    /// <summary>
    /// A read that brought less than asked for has emptied the queue, and the next byte will be a new edge; not so once an end or an urgent byte is
    /// queued behind the data, for whose edge has passed already.
    /// </summary>
    internal readonly bool ShortReadIsEmpty => _seen == EpollEvents.None;

    /// <summary>The peer has sent its FIN; the bytes before it may be unread.</summary>
    internal readonly bool PeerEnded => (_seen & (EpollEvents.ReadHangUp | EpollEvents.HangUp)) != 0;

    /// <summary>The connection is gone both ways.</summary>
    internal readonly bool PeerGone => (_seen & (EpollEvents.HangUp | EpollEvents.Error)) != 0;

    /// <summary>The peer has sent an urgent byte (MSG_OOB): peeking and splicing stop at the mark, only recv passes it.</summary>
    internal readonly bool IsUrgent => (_seen & EpollEvents.Priority) != 0;

    internal void Note(EpollEvents events)
    {
        _seen |= events & Lasting;
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
}
