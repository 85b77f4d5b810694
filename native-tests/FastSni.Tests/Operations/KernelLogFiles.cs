using System.Runtime.InteropServices;
using FastSni.Operations;
using Microsoft.Win32.SafeHandles;

namespace FastSni.Tests.Operations;

/// <summary>The kernel's side of the log, as the host supplies it; the constants are those of x86-64 and arm64.</summary>
internal class KernelLogFiles : ILogFiles
{
    private const int SetFlags = 4, Append = 0x400, CurrentDirectory = -100, EmptyPath = 0x1000, WantInode = 0x100, WantType = 1;

    public void SetAppend(SafeFileHandle file) => Check(fcntl(file, SetFlags, Append));

    public virtual int Write(SafeFileHandle file, ReadOnlySpan<byte> bytes) =>
        (int)Check(write(file, ref MemoryMarshal.GetReference(bytes), bytes.Length));

    public FileIdentity Identify(SafeFileHandle file) => TryIdentify((int)file.DangerousGetHandle(), "", EmptyPath) ?? throw new IOException("statx");

    public FileIdentity? Identify(string path) => TryIdentify(CurrentDirectory, path, 0);

    public bool IsPipe(string path)
    {
        byte[] found = new byte[256];
        return statx(CurrentDirectory, path, 0, WantType, found) == 0 && (BitConverter.ToUInt16(found, 28) & 0xF000) == 0x1000;
    }

    private static FileIdentity? TryIdentify(int directory, string path, int flags)
    {
        byte[] found = new byte[256];
        return statx(directory, path, flags, WantInode, found) == 0 ? new(BitConverter.ToUInt64(found, 136), BitConverter.ToUInt64(found, 32)) : null;
    }

    private static long Check(long result) => result >= 0 ? result : throw new IOException(Marshal.GetLastPInvokeErrorMessage());

    [DllImport("libc", SetLastError = true)]
    private static extern int fcntl(SafeFileHandle file, int command, int argument);

    [DllImport("libc", SetLastError = true)]
    private static extern nint write(SafeFileHandle file, ref byte bytes, nint count);

    [DllImport("libc", SetLastError = true)]
    private static extern int statx(int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] found);
}
