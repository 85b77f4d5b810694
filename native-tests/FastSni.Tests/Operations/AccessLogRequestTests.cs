using FastSni.Config;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.Tests.Operations;

/// <summary>Requests and sessions in one log.</summary>
public class AccessLogRequestTests
{
    [Fact]
    public void Requests_and_sessions_of_many_threads_share_a_file()
    {
        const int Threads = 4, RecordsPerThread = 200;
        using LogFixture log = new();
        log.Open();
        SharedRing<RequestRecord> requests = log.Writer.AddRequestRing(LogFixture.RingRecords);
        SharedRing<SessionRecord> sessions = log.Writer.AddSharedRing(LogFixture.RingRecords);
        RecordRing<SessionRecord> worker = log.Writer.AddRing(LogFixture.RingRecords);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(thread => new Thread(() =>
        {
            for (int number = thread * RecordsPerThread; number < (thread + 1) * RecordsPerThread; number++)
            {
                requests.TryWrite(Requests.Sample() with { UpBytes = number });
                sessions.TryWrite(Records.Sample() with { UpBytes = number });
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        for (int number = 0; number < 200; number++)
            worker.PublishNumbered(number);
        foreach (Thread thread in threads)
            thread.Join();
        log.WaitUntilWritten(2 * Threads * RecordsPerThread + 200);
        Assert.Equal(0, log.Writer.DroppedRecords);
        long[] all = [.. Enumerable.Range(0, Threads * RecordsPerThread).Select(number => (long)number)];
        long[] expected = [.. all, .. all, .. all[..200]];
        Assert.Equal(expected.Order(), LogFixture.Numbers(log.Path).Order());
        Assert.Equal(all.Length, File.ReadLines(log.Path).Count(line => line.Contains(" request ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Long_lines_fill_several_batches()
    {
        const int Count = 64;
        using LogFixture log = new();
        Assert.Null(log.Apply(log.Path, AccessLogFormat.Json));
        SharedRing<RequestRecord> requests = log.Writer.AddRequestRing(Count);
        for (int number = 0; number < Count; number++)
            Assert.True(requests.TryWrite(Requests.WithText(new string('\0', 32 * 1024))));
        log.WaitUntilWritten(Count);
        Assert.All(File.ReadLines(log.Path), line => Assert.InRange(line.Length, 18_000, 21_000));
        Assert.Equal(Count, File.ReadLines(log.Path).Count());
    }

    [Fact]
    public void Requests_that_find_the_ring_full_are_counted_and_reported()
    {
        using LogFixture log = new();
        log.Open();
        SharedRing<RequestRecord> requests = log.Writer.AddRequestRing(16);
        long lost = 0;
        // Faster than the thread's first look at it, unless this thread is held up: then again.
        LogFixture.Until(() =>
        {
            for (int number = 0; number < 100; number++)
                lost += requests.TryWrite(Requests.Sample()) ? 0 : 1;
            return lost > 0;
        });
        Assert.Equal(lost, log.Writer.DroppedRecords);
        LogFixture.Until(() => log.Messages.Any(message => message.Contains("could not keep up", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_full_disk_costs_requests_and_is_told_as_for_sessions()
    {
        using LogFixture log = new();
        log.Open("/dev/full");
        Assert.True(log.Writer.AddRequestRing(16).TryWrite(Requests.Sample()));
        LogFixture.Until(() => log.Writer.DroppedRecords == 1 && !log.Messages.IsEmpty);
        Assert.Equal(["Error: Access log /dev/full: No space left on device (records lost so far: 1; traffic is not affected)"], log.Messages);
    }
}
