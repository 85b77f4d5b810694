using Tmds.Linux;

namespace FastSni.Linux;

/// <summary>What a non-blocking call on a socket or pipe said: a count of bytes, or why not. What a network may do is a value, never an exception.</summary>
public readonly struct IoResult
{
    private IoResult(int bytes, Errno error) => (Bytes, Error) = (bytes, error);

    /// <summary>Bytes moved; 0 where <see cref="Error"/> is set, and at the end of a stream.</summary>
    public int Bytes { get; }

    public Errno Error { get; }

    public bool IsOk => Error == Errno.None;

    /// <summary>EAGAIN: nothing now; the kernel will tell.</summary>
    public bool WouldBlock => Error == Errno.Again;

    /// <summary>A read that found the end of the stream.</summary>
    public bool IsEnd => Error == Errno.None && Bytes == 0;

    /// <summary>The connection is gone: reset, broken, or its peer vanished.</summary>
    public bool IsPeerGone => Error is Errno.ConnectionReset or Errno.BrokenPipe or Errno.ConnectionAborted or Errno.TimedOut
        or Errno.HostUnreachable or Errno.NetworkUnreachable or Errno.NetworkDown or Errno.ConnectionRefused or Errno.ProtocolError;

    internal static IoResult Of(ssize_t result) => (long)result >= 0 ? new((int)(long)result, Errno.None) : new(0, Sys.LastError);

    /// <summary>Would-block where the kernel said something else: the target is full, and its edge will come.</summary>
    public static IoResult Full => new(0, Errno.Again);

    internal static IoResult Failed(Errno error) => new(0, error);
}
