using FastSni.Linux;
using FastSni.NativeTests.Support;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace FastSni.NativeTests.Linux;

public sealed class FileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastsni-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_file_is_the_same_by_name_by_link_and_by_descriptor()
    {
        string name = NewFile("one"), link = Path.Combine(_directory, "link");
        File.CreateSymbolicLink(link, name);
        using SafeFileHandle file = File.OpenHandle(name);
        FileIdentity? identity = FileIdentity.OfPath(name);
        Assert.NotNull(identity);
        Assert.Equal(identity, FileIdentity.OfPath(link));
        Assert.Equal(identity, FileIdentity.OfDescriptor(DescriptorOf(file)));
    }

    [Fact]
    public void After_a_rotation_the_open_file_and_its_name_are_two()
    {
        string name = NewFile("log");
        using SafeFileHandle file = File.OpenHandle(name);
        File.Move(name, name + ".1");
        Assert.Null(FileIdentity.OfPath(name));
        Assert.Equal(FileIdentity.OfPath(name + ".1"), FileIdentity.OfDescriptor(DescriptorOf(file)));
        NewFile("log");
        Assert.NotEqual(FileIdentity.OfPath(name), FileIdentity.OfDescriptor(DescriptorOf(file)));
    }

    [Fact]
    public void Two_writers_that_append_do_not_overwrite_each_other()
    {
        string name = NewFile("log");
        using SafeFileHandle one = File.OpenHandle(name, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        using SafeFileHandle two = File.OpenHandle(name, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        LogFile.SetAppend(DescriptorOf(one));
        LogFile.SetAppend(DescriptorOf(two));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(2, LogFile.Write(DescriptorOf(one), "1\n"u8));
            Assert.Equal(2, LogFile.Write(DescriptorOf(two), "2\n"u8));
        }
        Assert.Equal("1\n2\n1\n2\n1\n2\n", File.ReadAllText(name));
    }

    [Fact]
    public void A_full_disk_is_an_exception_that_says_so()
    {
        using SafeFileHandle full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        LinuxException failure = Assert.Throws<LinuxException>(() => LogFile.Write(DescriptorOf(full), "x"u8));
        Assert.Equal((Errno.NoSpace, "write"), (failure.Error, failure.Call));
        Assert.Contains("No space left", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writing_waits_where_the_reader_is_behind_although_the_descriptor_does_not_block()
    {
        using SocketPair pair = SocketPair.Open(farReceiveBytes: 4096);
        byte[] sent = Pattern.Of(4 * 1024 * 1024);
        Task writing = Peer.Writes(pair.Far, _ =>
        {
            for (int written = 0; written < sent.Length;)
                written += LogFile.Write(pair.Near, sent.AsSpan(written, Math.Min(60_000, sent.Length - written)));
        });
        byte[] seen = pair.Far.ReadExactly(sent.Length);
        await writing;
        Assert.Equal(Pattern.Hash(sent), Pattern.Hash(seen));
    }

    private string NewFile(string name)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, "");
        return path;
    }

    private static Fd DescriptorOf(SafeFileHandle file) => new((int)file.DangerousGetHandle());
}
