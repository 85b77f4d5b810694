using Tmds.Linux;

namespace FastSni.Linux;

/// <summary>Whether a descriptor is there in a program that this one starts (FD_CLOEXEC). None of ours is, but for the moment in which a successor is started.</summary>
public static class Inheritable
{
    /// <exception cref="LinuxException">EBADF.</exception>
    public static void Set(Fd descriptor, bool isInherited) =>
        Sys.ThrowIfFailed(LibC.fcntl(descriptor.Number, LibC.F_SETFD, isInherited ? 0 : LibC.FD_CLOEXEC), "fcntl(F_SETFD)");

    /// <summary>Keeps what was handed to this process, and is of no use to it, from its own children. A number that is no descriptor stays none.</summary>
    public static void Withhold(Fd descriptor) => _ = LibC.fcntl(descriptor.Number, LibC.F_SETFD, LibC.FD_CLOEXEC);
}
