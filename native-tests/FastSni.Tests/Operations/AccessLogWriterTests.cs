using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.Versioning;
using FastSni.Config;
using FastSni.Telemetry;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace FastSni.Tests.Operations;

public class AccessLogWriterTests
{
    [Fact]
    public void A_file_gets_the_lines_of_every_ring_behind_what_it_had()
    {
        using LogFixture log = new();
        File.WriteAllText(log.Path, Records.TextLine(Records.Sample()));
        log.Open();
        RecordRing<SessionRecord> first = log.Writer.AddRing(LogFixture.RingRecords), second = log.Writer.AddRing(LogFixture.RingRecords);
        for (int number = 0; number < 500; number++)
            (number % 2 == 0 ? first : second).PublishNumbered(number);
        log.WaitUntilWritten(500);
        long[] numbers = LogFixture.Numbers(log.Path);
        Assert.Equal(1893, numbers[0]);
        Assert.Equal(Enumerable.Range(0, 500).Select(number => (long)number), numbers[1..].Order());
        Assert.Equal(0, log.Writer.DroppedRecords);
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void A_new_file_is_for_the_service_and_its_group()
    {
        using LogFixture log = new();
        log.Open();
        UnixFileMode mode = File.GetUnixFileMode(log.Path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode & ~UnixFileMode.GroupRead);
    }

    [Fact]
    public void Dispose_writes_what_is_left()
    {
        using LogFixture log = new();
        log.Open();
        RecordRing<SessionRecord> ring = log.Writer.AddRing(LogFixture.RingRecords);
        for (int number = 0; number < LogFixture.RingRecords; number++)
            ring.PublishNumbered(number);
        log.Writer.Dispose();
        Assert.Equal(LogFixture.RingRecords, LogFixture.Numbers(log.Path).Length);
        Assert.Equal(LogFixture.RingRecords, log.Writer.WrittenRecords);
    }

    [Fact]
    public void Another_process_that_appends_is_not_overwritten()
    {
        using LogFixture log = new();
        log.Open();
        RecordRing<SessionRecord> ring = log.Writer.AddRing(LogFixture.RingRecords);
        ring.PublishNumbered(1);
        log.WaitUntilWritten(1);
        SessionRecord others = Records.Sample();
        others.UpBytes = 2;
        File.AppendAllText(log.Path, Records.TextLine(others));
        ring.PublishNumbered(3);
        log.WaitUntilWritten(2);
        Assert.Equal([1, 2, 3], LogFixture.Numbers(log.Path));
    }

    [Fact]
    public void Off_discards_and_drops_nothing()
    {
        using LogFixture log = new();
        Assert.True(log.Writer.IsOff);
        RecordRing<SessionRecord> ring = log.Writer.AddRing(16);
        for (int batch = 0; batch < 4; batch++)
        {
            for (int number = 0; number < 16; number++)
                ring.PublishNumbered(number);
            LogFixture.Until(() => ring.TrySleep());
        }
        Assert.Equal(0, log.Writer.WrittenRecords + log.Writer.DroppedRecords);
        log.Open();
        Assert.False(log.Writer.IsOff);
    }

    [Fact]
    public void A_reload_changes_target_and_form_together()
    {
        using LogFixture log = new();
        log.Open();
        RecordRing<SessionRecord> ring = log.Writer.AddRing(LogFixture.RingRecords);
        ring.PublishNumbered(1);
        log.WaitUntilWritten(1);
        string json = log.PathOf("access.json");
        Assert.Null(log.Apply(json, AccessLogFormat.Json));
        LogFixture.Until(() =>
        {
            ring.PublishNumbered(1);
            return new FileInfo(json).Length > 0;
        });
        Assert.All(LogFixture.Numbers(log.Path), number => Assert.Equal(1, number));
        Assert.StartsWith("{\"time\":", File.ReadAllText(json), StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_pipe_is_refused_and_not_waited_for()
    {
        using LogFixture log = new();
        string pipe = Path.Combine(Path.GetDirectoryName(log.Path)!, "pipe");
        using (Process maker = Process.Start("mkfifo", pipe))
            maker.WaitForExit();
        Assert.Equal($"{pipe}: is a named pipe: the path of a file is needed", log.Apply(pipe));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_leaves_the_old_one_in_use()
    {
        using LogFixture log = new();
        log.Open();
        string nowhere = log.PathOf("missing/access.log"), directory = Path.GetDirectoryName(log.Path)!;
        Assert.Equal($"{nowhere}: no such directory: it must be there before the log is", log.Apply(nowhere));
        Assert.Equal($"{directory}: is a directory: the path of a file is needed", log.Apply(directory));
        // Not even root may open this one for writing.
        const string Forbidden = "/proc/sys/kernel/ostype";
        Assert.Equal($"{Forbidden}: permission denied: the service user must be able to write there", log.Apply(Forbidden));
        log.Writer.AddRing(16).PublishNumbered(1);
        log.WaitUntilWritten(1);
        Assert.Equal([1], LogFixture.Numbers(log.Path));
    }

    [Theory]
    [InlineData("stdout", true, "2026-")]
    [InlineData("journal", false, "2026-")]
    [InlineData("journal", true, "<6>2026-")]
    public void Only_the_journal_behind_standard_output_gets_priorities(string target, bool journalReadsOutput, string start)
    {
        using AnonymousPipeServerStream reader = new(PipeDirection.In);
        using SafePipeHandle output = reader.ClientSafePipeHandle;
        using LogFixture log = new(outputDescriptor: (int)output.DangerousGetHandle(), journalReadsOutput: journalReadsOutput);
        log.Open(target);
        RecordRing<SessionRecord> ring = log.Writer.AddRing(16);
        ring.PublishNumbered(1);
        ring.PublishNumbered(2);
        log.WaitUntilWritten(2);
        using StreamReader lines = new(reader, leaveOpen: true);
        Assert.StartsWith(start, lines.ReadLine(), StringComparison.Ordinal);
        Assert.StartsWith(start, lines.ReadLine(), StringComparison.Ordinal);
        // Changing over doesn't close standard output.
        log.Open();
        log.Open(target);
        ring.PublishNumbered(3);
        log.WaitUntilWritten(3);
    }

    [Fact]
    public void A_reader_that_is_stuck_stops_neither_workers_nor_the_end()
    {
        using AnonymousPipeServerStream reader = new(PipeDirection.In);
        using SafePipeHandle output = reader.ClientSafePipeHandle;
        using LogFixture log = new(outputDescriptor: (int)output.DangerousGetHandle());
        log.Open("stdout");
        RecordRing<SessionRecord> ring = log.Writer.AddRing(LogFixture.RingRecords);
        LogFixture.Until(() =>
        {
            ring.PublishNumbered(1);
            return log.Writer.DroppedRecords > 0;
        });
        log.Writer.Dispose();
        Assert.Contains(log.Messages, message => message.Contains("still blocked after 2 s", StringComparison.Ordinal));
        // Lets the thread go; the fixture waits for its end before the descriptor is closed.
        reader.Dispose();
    }
}
