using Microsoft.Win32.SafeHandles;

namespace FastSni.Tests.Operations;

/// <summary>Files on a disk with so many bytes free; a write takes what fits and the next one fails, as write(2) does.</summary>
internal sealed class SmallDisk : KernelLogFiles
{
    private long _freeBytes;
    private volatile bool _hasFailed;

    public long FreeBytes
    {
        get => Interlocked.Read(ref _freeBytes);
        set => Interlocked.Exchange(ref _freeBytes, value);
    }

    public bool HasFailed => _hasFailed;

    public override int Write(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        int fits = (int)Math.Min(FreeBytes, bytes.Length);
        if (fits == 0)
        {
            _hasFailed = true;
            throw new IOException("No space left on device");
        }
        int taken = base.Write(file, bytes[..fits]);
        Interlocked.Add(ref _freeBytes, -taken);
        return taken;
    }
}
