using System.Diagnostics;
using System.Text;
using Xunit;

namespace FastSni.NativeTests.Abi;

/// <summary>A C file of static assertions, judged by the system's compiler with the system's headers.</summary>
internal sealed class CompilerCheck
{
    private static readonly string[] Headers =
    [
        "stddef.h", "errno.h", "fcntl.h", "poll.h", "sys/socket.h", "sys/un.h", "sys/uio.h", "sys/epoll.h", "sys/eventfd.h", "sys/ioctl.h",
        "sys/stat.h", "sys/resource.h", "netinet/in.h", "netinet/tcp.h", "linux/sockios.h",
    ];

    private readonly StringBuilder _source = new("#define _GNU_SOURCE\n");

    internal CompilerCheck()
    {
        foreach (string header in Headers)
            _source.AppendLine($"#include <{header}>");
    }

    internal int Count { get; private set; }

    /// <summary>A C expression and what it has here.</summary>
    internal void AreEqual(string expression, long value)
    {
        // The kernel's flag words are unsigned in some headers and signed in others: the bits are what counts.
        _source.AppendLine($"_Static_assert((unsigned)({expression}) == {(uint)value}u, \"{expression.Replace('"', '\'')} is not {value}\");");
        Count++;
    }

    /// <summary>What the compiler has to say; empty if it agrees with everything.</summary>
    internal string Run()
    {
        Skip.If(!IsThere && Environment.GetEnvironmentVariable("CI") != "true", "gcc is not installed: the ABI is NOT checked on this machine");
        Assert.True(IsThere, "gcc is not installed, and a CI run must check the ABI");
        using Process compiler = Process.Start(new ProcessStartInfo("gcc", ["-std=gnu11", "-fsyntax-only", "-x", "c", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        })!;
        Task<string> complaints = compiler.StandardError.ReadToEndAsync();
        compiler.StandardInput.Write(_source);
        compiler.StandardInput.Close();
        compiler.WaitForExit();
        return complaints.Result.Length == 0 && compiler.ExitCode != 0 ? $"gcc ended with {compiler.ExitCode}" : complaints.Result;
    }

    private static bool IsThere =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, "gcc")));
}
