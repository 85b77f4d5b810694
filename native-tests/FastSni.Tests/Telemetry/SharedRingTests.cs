using FastSni.Telemetry;
using Xunit;

namespace FastSni.Tests.Telemetry;

public class SharedRingTests
{
    private const int Producers = 4, RecordsPerProducer = 16 * 1024;

    [Fact]
    public void Several_producers_lose_nothing_that_there_is_room_for()
    {
        RecordRing<RequestRecord> ring = new(Producers * RecordsPerProducer, () => { });
        SharedRing<RequestRecord> shared = new(ring);
        Assert.Equal(Producers * RecordsPerProducer, Produce(shared));
        Assert.Equal(0, ring.Dropped);
        Assert.Equal([.. Enumerable.Repeat(RecordsPerProducer, Producers)], ReadAll(ring));
    }

    [Fact]
    public void Producers_take_turns()
    {
        SharedRing<SessionRecord>? shared = null;
        bool overtook = true;
        Thread second = new(() => shared!.TryWrite(default));
        // The ring calls this while the first producer is at it.
        RecordRing<SessionRecord> ring = new(4, () =>
        {
            second.Start();
            overtook = second.Join(TimeSpan.FromMilliseconds(100));
        });
        shared = new(ring);
        Assert.True(ring.TrySleep());
        Assert.True(shared.TryWrite(default));
        Assert.False(overtook);
        second.Join();
    }

    [Fact]
    public void What_finds_the_ring_full_is_dropped_and_counted()
    {
        RecordRing<RequestRecord> ring = new(1024, () => { });
        SharedRing<RequestRecord> shared = new(ring);
        Assert.Equal(1024, Produce(shared));
        Assert.Equal(Producers * RecordsPerProducer - 1024, ring.Dropped);
        Assert.Equal(1024, ReadAll(ring).Sum());
        Assert.True(shared.TryWrite(Record(0, 1)));
    }

    [Fact]
    public async Task Every_record_is_read_or_counted_while_producers_and_reader_run()
    {
        RecordRing<RequestRecord> ring = new(64, () => { });
        SharedRing<RequestRecord> shared = new(ring);
        int[] read = new int[Producers];
        Task<int> written = Task.Factory.StartNew(() => Produce(shared), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        long[] last = new long[Producers];
        while (!written.IsCompleted)
            ReadSome(ring, read, last);
        ReadSome(ring, read, last);
        Assert.Equal(await written, read.Sum());
        Assert.Equal(Producers * RecordsPerProducer, read.Sum() + ring.Dropped);
    }

    [Fact]
    public void Any_producer_wakes_the_reader()
    {
        int wakeUps = 0;
        RecordRing<SessionRecord> ring = new(4, () => wakeUps++);
        SharedRing<SessionRecord> shared = new(ring);
        Assert.True(ring.TrySleep());
        Assert.True(shared.TryWrite(default) && shared.TryWrite(default));
        Assert.Equal(1, wakeUps);
    }

    /// <summary>Each producer numbers its records from 1; returns how many the ring took.</summary>
    private static int Produce(SharedRing<RequestRecord> shared)
    {
        int taken = 0;
        using Barrier start = new(Producers);
        Thread[] threads = [.. Enumerable.Range(0, Producers).Select(producer => new Thread(() =>
        {
            start.SignalAndWait();
            for (int number = 1; number <= RecordsPerProducer; number++)
            {
                if (shared.TryWrite(Record(producer, number)))
                    Interlocked.Increment(ref taken);
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        return taken;
    }

    private static int[] ReadAll(RecordRing<RequestRecord> ring)
    {
        int[] read = new int[Producers];
        ReadSome(ring, read, new long[Producers]);
        return read;
    }

    /// <summary>Counts what each producer wrote; each record must be whole and behind the producer's last.</summary>
    private static void ReadSome(RecordRing<RequestRecord> ring, int[] read, long[] last)
    {
        while (ring.TryRead(out ReadOnlySpan<RequestRecord> slot))
        {
            RequestRecord record = slot[0];
            Assert.True(record.DownBytes == ~record.UpBytes && record.DurationMicros == record.UpBytes, "torn");
            Assert.True(record.UpBytes > last[record.Status], $"{record.UpBytes} after {last[record.Status]}");
            last[record.Status] = record.UpBytes;
            read[record.Status]++;
            ring.Release();
        }
    }

    private static RequestRecord Record(int producer, long number) =>
        new() { Status = producer, UpBytes = number, DownBytes = ~number, DurationMicros = number };
}
