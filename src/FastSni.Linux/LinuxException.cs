using System.ComponentModel;

namespace FastSni.Linux;

/// <summary>A system call failed in a way only this program or its operator can cause: no descriptors, no right to bind, an unknown option.</summary>
public sealed class LinuxException(string call, Errno error)
    : IOException($"{call}: {new Win32Exception((int)error).Message}")
{
    public string Call { get; } = call;

    public Errno Error { get; } = error;
}
