using System.Runtime.InteropServices;
using FastSni.Linux;
using Xunit;

namespace FastSni.NativeTests.Support;

/// <summary>
/// While it lives, this process can open no descriptor: the soft RLIMIT_NOFILE is lowered below all that are open. Open ones go on working. Only for
/// tests that run alone, and only around the call in question, which must have run before (the runtime opens files too, when it loads code).
/// </summary>
internal sealed class OpenFilesLimit : IDisposable
{
    private readonly Limit _before;

    internal OpenFilesLimit(ulong descriptors)
    {
        Assert.Equal(0, getrlimit(Sys.RlimitNofile, ref _before));
        Set(_before with { Current = descriptors });
    }

    public void Dispose() => Set(_before);

    internal static ulong Maximum
    {
        get
        {
            Limit limit = default;
            Assert.Equal(0, getrlimit(Sys.RlimitNofile, ref limit));
            return limit.Maximum;
        }
    }

    private static void Set(Limit limit) => Assert.Equal(0, setrlimit(Sys.RlimitNofile, ref limit));

    [StructLayout(LayoutKind.Sequential)]
    private record struct Limit(ulong Current, ulong Maximum);

    [DllImport("libc", SetLastError = true)]
    private static extern int getrlimit(int resource, ref Limit limit);

    [DllImport("libc", SetLastError = true)]
    private static extern int setrlimit(int resource, ref Limit limit);
}
