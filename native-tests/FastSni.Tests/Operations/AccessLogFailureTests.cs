using FastSni.Telemetry;
using Xunit;

namespace FastSni.Tests.Operations;

public class AccessLogFailureTests
{
    [Fact]
    public void A_full_disk_costs_records_and_one_message_a_minute()
    {
        using LogFixture log = new();
        log.Open("/dev/full");
        RecordRing<SessionRecord> ring = log.Writer.AddRing(LogFixture.RingRecords);
        PublishAndAwaitLoss(log, ring, records: 1);
        for (int batch = 1; batch <= 5; batch++)
            PublishAndAwaitLoss(log, ring, records: 100);
        Assert.Equal(0, log.Writer.WrittenRecords);
        Assert.Equal(["Error: Access log /dev/full: No space left on device (records lost so far: 1; traffic is not affected)"], log.Messages);

        log.Clock.Advance(TimeSpan.FromSeconds(61));
        PublishAndAwaitLoss(log, ring, records: 1);
        LogFixture.Until(() => log.Messages.Count == 2);
        Assert.Contains("(records lost so far: 502;", log.Messages.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void Writing_goes_on_when_there_is_space_again_and_a_cut_line_is_finished_first()
    {
        int lineBytes = Line(1).Length;
        // Every place a line may be cut at, its ends among them.
        for (int cut = 0; cut <= lineBytes; cut += 13)
        {
            SmallDisk disk = new() { FreeBytes = lineBytes + cut };
            using LogFixture log = new(disk);
            log.Open();
            RecordRing<SessionRecord> ring = log.Writer.AddRing(LogFixture.RingRecords);
            for (int number = 1; number <= 3; number++)
                ring.PublishNumbered(number);
            long lost = cut == 0 ? 2 : 1;
            LogFixture.Until(() => log.Writer.DroppedRecords == lost);
            ring.PublishNumbered(4);
            LogFixture.Until(() => log.Writer.DroppedRecords == lost + 1);
            disk.FreeBytes = long.MaxValue;
            ring.PublishNumbered(5);
            LogFixture.Until(() => log.Writer.WrittenRecords + log.Writer.DroppedRecords == 5);
            Assert.Equal(cut == 0 ? [1, 5] : [1, 2, 5], LogFixture.Numbers(log.Path));
            LogFixture.Until(() => log.Messages.Any(message => message.Contains("is written again", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void A_cut_line_is_given_up_with_its_file()
    {
        SmallDisk disk = new() { FreeBytes = Line(1).Length + 50 };
        using LogFixture log = new(disk);
        log.Open();
        RecordRing<SessionRecord> ring = log.Writer.AddRing(LogFixture.RingRecords);
        ring.PublishNumbered(1);
        ring.PublishNumbered(2);
        LogFixture.Until(() => disk.HasFailed);
        string rotated = log.PathOf("access.log.1");
        File.Move(log.Path, rotated);
        log.Writer.RequestReopen();
        LogFixture.Until(() => File.Exists(log.Path) && log.Writer.DroppedRecords == 1);
        disk.FreeBytes = long.MaxValue;
        ring.PublishNumbered(3);
        log.WaitUntilWritten(2);
        Assert.Equal([3], LogFixture.Numbers(log.Path));
        Assert.Equal(Line(1) + Line(2)[..50], File.ReadAllText(rotated));
    }

    [Fact]
    public void A_ring_that_overflows_is_reported()
    {
        using LogFixture log = new();
        log.Open();
        RecordRing<SessionRecord> ring = log.Writer.AddRing(16);
        // Faster than the thread's first look at it, unless this thread is held up: then again.
        LogFixture.Until(() =>
        {
            for (int number = 0; number < 100; number++)
                ring.PublishNumbered(number);
            return log.Writer.DroppedRecords > 0;
        });
        LogFixture.Until(() => log.Messages.Any(message => message.Contains("could not keep up", StringComparison.Ordinal)));
        Assert.Equal(ring.Dropped, log.Writer.DroppedRecords);
    }

    [Fact]
    public void A_defect_costs_one_record()
    {
        using LogFixture log = new();
        log.Open();
        RecordRing<SessionRecord> ring = log.Writer.AddRing(16);
        ring.Publish(Records.Sample() with { End = (CloseReason)200 });
        ring.PublishNumbered(2);
        log.WaitUntilWritten(1);
        Assert.Equal([2], LogFixture.Numbers(log.Path));
        Assert.Equal(1, log.Writer.DroppedRecords);
        Assert.Equal(["Error: Access log: a record could not be written"], log.Messages);
    }

    private static void PublishAndAwaitLoss(LogFixture log, RecordRing<SessionRecord> ring, int records)
    {
        long expected = log.Writer.DroppedRecords + records;
        for (int number = 0; number < records; number++)
            ring.PublishNumbered(number);
        LogFixture.Until(() => log.Writer.DroppedRecords == expected);
    }

    private static string Line(long number)
    {
        SessionRecord record = Records.Sample();
        record.UpBytes = number;
        return Records.TextLine(record);
    }
}
