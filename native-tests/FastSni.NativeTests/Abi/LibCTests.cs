using System.Reflection;
using System.Runtime.InteropServices;
using Tmds.Linux;
using Xunit;

namespace FastSni.NativeTests.Abi;

/// <summary>Tmds.LibC's numbers are those of this system's headers.</summary>
public class LibCTests
{
    [SkippableFact]
    public void Every_constant_that_is_used_has_the_systems_value()
    {
        CompilerCheck check = new();
        foreach (string constant in LinuxSources.Constants)
            check.AreEqual(constant, LinuxSources.ValueOf(constant));
        Assert.InRange(check.Count, 40, 1_000);
        Assert.Empty(check.Run());
    }

    [SkippableFact]
    public void Every_type_that_is_used_has_the_systems_layout()
    {
        CompilerCheck check = new();
        foreach (Type type in LinuxSources.Types)
            AddLayout(check, type);
        Assert.InRange(check.Count, 30, 1_000);
        Assert.Empty(check.Run());
    }

    [Fact]
    public void The_structs_the_kernel_reads_and_writes_are_among_those_checked()
    {
        Type[] known =
        [
            typeof(epoll_event), typeof(linger), typeof(iovec), typeof(msghdr), typeof(pollfd), typeof(stat), typeof(socklen_t), typeof(ssize_t),
        ];
        Assert.Empty(known.Except(LinuxSources.Types));
    }

    [SkippableFact]
    public void A_wrong_number_would_be_found()
    {
        CompilerCheck check = new();
        check.AreEqual("EPOLLIN", 2);
        Assert.Contains("EPOLLIN is not 2", check.Run(), StringComparison.Ordinal);
    }

    private static void AddLayout(CompilerCheck check, Type type)
    {
        string name = type.Name.EndsWith("_t", StringComparison.Ordinal) ? type.Name : "struct " + type.Name;
        // A family of sockaddr_… stands behind a sockaddr pointer; only pointers to it are used.
        if (type == typeof(sockaddr))
            return;
        check.AreEqual($"sizeof({name})", Marshal.SizeOf(type));
        foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (name.StartsWith("struct", StringComparison.Ordinal) && !field.Name.StartsWith("__", StringComparison.Ordinal))
                check.AreEqual($"offsetof({name}, {NameInC(field)})", Marshal.OffsetOf(type, field.Name));
        }
    }

    // Properties stand where C has fields: `<l_onoff>k__BackingField`, or a field of its own such as `_msg_iovlen`.
    private static string NameInC(FieldInfo field) => field.Name.Split('<', '>') is [_, string property, _] ? property : field.Name.TrimStart('_');
}
