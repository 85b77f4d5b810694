using FastSni.Linux;
using FastSni.Operations;
using Microsoft.Win32.SafeHandles;
using FileIdentity = FastSni.Operations.FileIdentity;

namespace FastSni.Hosting;

/// <summary>The access log's door to the kernel.</summary>
internal sealed class LogFiles : ILogFiles
{
    public void SetAppend(SafeFileHandle file) => LogFile.SetAppend(FdOf(file));

    public int Write(SafeFileHandle file, ReadOnlySpan<byte> bytes) => LogFile.Write(FdOf(file), bytes);

    public FileIdentity Identify(SafeFileHandle file) =>
        Linux.FileIdentity.OfDescriptor(FdOf(file)) is { } found ? new(found.Device, found.Inode) : throw new IOException("fstat failed");

    public FileIdentity? Identify(string path) =>
        Linux.FileIdentity.OfPath(path) is { } found ? new FileIdentity(found.Device, found.Inode) : null;

    public bool IsPipe(string path) => LogFile.IsPipe(path);

    private static Fd FdOf(SafeFileHandle file) => new((int)file.DangerousGetHandle());
}
