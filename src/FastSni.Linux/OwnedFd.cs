using System.Runtime.InteropServices;

namespace FastSni.Linux;

/// <summary>A descriptor that any thread may close while others use it: its number is free for another file only once the last of them is done.</summary>
public sealed class OwnedFd : SafeHandle
{
    public OwnedFd(Fd descriptor) : base(-1, ownsHandle: true) => SetHandle(descriptor.Number);

    public override bool IsInvalid => handle < 0;

    /// <summary>Keeps it open for a call.</summary>
    /// <exception cref="LinuxException">EBADF: it is closed already.</exception>
    public Use Hold() => new(this);

    /// <summary>How the use of a closed one fails: like any other end of a connection, for it is one.</summary>
    public static LinuxException Closed() => new("use of what was closed", Errno.BadDescriptor);

    protected override bool ReleaseHandle()
    {
        new Fd((int)handle).Close();
        return true;
    }

    /// <summary>To be disposed of behind the call.</summary>
    public readonly ref struct Use
    {
        private readonly OwnedFd _owner;

        internal Use(OwnedFd owner)
        {
            bool isHeld = false;
            try
            {
                owner.DangerousAddRef(ref isHeld);
            }
            catch (ObjectDisposedException)
            {
                throw Closed();
            }
            _owner = owner;
        }

        public Fd Fd => new((int)_owner.handle);

        public void Dispose() => _owner.DangerousRelease();
    }
}
