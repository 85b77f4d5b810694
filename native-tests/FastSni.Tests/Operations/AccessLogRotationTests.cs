using FastSni.Telemetry;
using Xunit;

namespace FastSni.Tests.Operations;

public class AccessLogRotationTests
{
    [Fact]
    public void A_renamed_file_is_let_go_of_on_request_without_a_record_to_write()
    {
        using LogFixture log = new();
        RecordRing<SessionRecord> ring = OpenWithOneRecord(log);
        File.Move(log.Path, log.PathOf("access.log.1"));
        log.Writer.RequestReopen();
        LogFixture.Until(() => File.Exists(log.Path));
        ring.PublishNumbered(2);
        log.WaitUntilWritten(2);
        Assert.Equal([1], LogFixture.Numbers(log.PathOf("access.log.1")));
        Assert.Equal([2], LogFixture.Numbers(log.Path));
    }

    [Fact]
    public void A_request_without_a_rename_changes_nothing()
    {
        using LogFixture log = new();
        RecordRing<SessionRecord> ring = OpenWithOneRecord(log);
        log.Writer.RequestReopen();
        ring.PublishNumbered(2);
        log.WaitUntilWritten(2);
        Assert.Equal([1, 2], LogFixture.Numbers(log.Path));
        Assert.Empty(log.Messages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_renamed_file_is_noticed_with_the_first_record_a_second_later(bool createdAnew)
    {
        using LogFixture log = new();
        RecordRing<SessionRecord> ring = OpenWithOneRecord(log);
        File.Move(log.Path, log.PathOf("access.log.1"));
        if (createdAnew)
            File.WriteAllText(log.Path, "");
        ring.PublishNumbered(2);
        log.WaitUntilWritten(2);
        log.Clock.Advance(TimeSpan.FromSeconds(1));
        ring.PublishNumbered(3);
        log.WaitUntilWritten(3);
        Assert.Equal([1, 2], LogFixture.Numbers(log.PathOf("access.log.1")));
        Assert.Equal([3], LogFixture.Numbers(log.Path));
    }

    [Fact]
    public void A_file_emptied_in_place_is_appended_to_from_its_start()
    {
        using LogFixture log = new();
        RecordRing<SessionRecord> ring = OpenWithOneRecord(log);
        using (FileStream file = new(log.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(0);
        ring.PublishNumbered(2);
        log.WaitUntilWritten(2);
        Assert.Equal([2], LogFixture.Numbers(log.Path));
    }

    [Fact]
    public void The_old_file_stays_in_use_while_the_new_one_cannot_be_opened()
    {
        using LogFixture log = new();
        RecordRing<SessionRecord> ring = OpenWithOneRecord(log);
        string rotated = log.PathOf("access.log.1");
        File.Move(log.Path, rotated);
        Directory.CreateDirectory(log.Path);
        log.Writer.RequestReopen();
        ring.PublishNumbered(2);
        log.WaitUntilWritten(2);
        Assert.Equal([$"Error: Access log {log.Path}: is a directory: the path of a file is needed; the renamed file stays in use"], log.Messages);
        Assert.Equal([1, 2], LogFixture.Numbers(rotated));

        Directory.Delete(log.Path);
        log.Clock.Advance(TimeSpan.FromSeconds(1));
        ring.PublishNumbered(3);
        log.WaitUntilWritten(3);
        Assert.Equal([3], LogFixture.Numbers(log.Path));
    }

    [Fact]
    public void An_open_file_outlives_the_stream_that_opened_it()
    {
        using LogFixture log = new();
        RecordRing<SessionRecord> ring = OpenWithOneRecord(log);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        ring.PublishNumbered(2);
        log.WaitUntilWritten(2);
        Assert.Equal([1, 2], LogFixture.Numbers(log.Path));
    }

    private static RecordRing<SessionRecord> OpenWithOneRecord(LogFixture log)
    {
        log.Open();
        RecordRing<SessionRecord> ring = log.Writer.AddRing(LogFixture.RingRecords);
        ring.PublishNumbered(1);
        log.WaitUntilWritten(1);
        return ring;
    }
}
