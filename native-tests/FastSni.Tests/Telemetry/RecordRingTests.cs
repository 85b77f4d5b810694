using System.Runtime.CompilerServices;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.Tests.Telemetry;

public class RecordRingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_full_ring_drops_the_new_record_and_keeps_the_old_ones()
    {
        RecordRing<SessionRecord> ring = new(4, () => { });
        Assert.Equal([true, true, true, true, false, false], Enumerable.Range(1, 6).Select(number => TryPublish(ring, number)));
        Assert.Equal(2, ring.Dropped);
        Assert.Equal(1, Read(ring));
        Assert.True(TryPublish(ring, 7));
        Assert.Equal([2, 3, 4, 7], new[] { Read(ring), Read(ring), Read(ring), Read(ring) });
        Assert.False(ring.TryRead(out _));
    }

    [Fact]
    public void The_counters_may_overflow()
    {
        // At 100,000 records a second it takes six hours.
        RecordRing<SessionRecord> ring = new(4, () => { });
        Written(ring) = Consumed(ring) = int.MaxValue - 5;
        for (int number = 0; number < 20; number++)
        {
            Assert.True(TryPublish(ring, number) && TryPublish(ring, -number));
            Assert.Equal((number, -number), (Read(ring), Read(ring)));
        }
        Assert.Equal(4, Enumerable.Range(0, 5).Count(number => TryPublish(ring, number)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-4)]
    public void A_capacity_must_be_a_power_of_two(int capacity) => Assert.ThrowsAny<Exception>(() => new RecordRing<SessionRecord>(capacity, () => { }));

    [Fact]
    public void The_producer_wakes_once_for_each_sleep()
    {
        int wakeUps = 0;
        RecordRing<SessionRecord> ring = new(8, () => wakeUps++);
        TryPublish(ring, 1);
        Assert.Equal(0, wakeUps);
        Assert.False(ring.TrySleep());
        Read(ring);
        Assert.True(ring.TrySleep());
        TryPublish(ring, 2);
        TryPublish(ring, 3);
        Assert.Equal(1, wakeUps);
    }

    [Fact]
    public void Records_arrive_whole_and_in_order_and_the_missing_ones_are_counted()
    {
        const int Records = 1_000_000;
        RecordRing<SessionRecord> ring = new(64, () => { });
        bool done = false;
        Thread producer = new(() =>
        {
            for (int number = 1; number <= Records; number++)
                TryPublish(ring, number);
            Volatile.Write(ref done, true);
        });
        producer.IsBackground = true;
        producer.Start();
        long last = 0, read = 0;
        for (bool finished = false; !finished;)
        {
            finished = Volatile.Read(ref done);
            while (ring.TryRead(out ReadOnlySpan<SessionRecord> slot))
            {
                (long up, long down) = (slot[0].UpBytes, slot[0].DownBytes);
                Assert.True(up > last && down == ~up, $"{up} {down} after {last}");
                last = up;
                read++;
                ring.Release();
            }
        }
        Assert.Equal(Records, read + ring.Dropped);
    }

    [Fact]
    public void A_slot_given_back_keeps_nothing_alive()
    {
        RecordRing<RequestRecord> ring = new(4, () => { });
        WeakReference[] texts = [WriteAndRead(ring), WriteAndRead(ring)];
        GC.Collect();
        Assert.All(texts, text => Assert.False(text.IsAlive));
        GC.KeepAlive(ring);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference WriteAndRead(RecordRing<RequestRecord> ring)
        {
            string path = new('/', 100);
            Assert.True(ring.TryReserve(out Span<RequestRecord> free));
            free[0].Path = path;
            ring.Publish();
            Assert.True(ring.TryRead(out ReadOnlySpan<RequestRecord> slot));
            Assert.Same(path, slot[0].Path);
            ring.Release();
            return new WeakReference(path);
        }
    }

    [Fact]
    public void No_wake_up_is_lost()
    {
        const int Rounds = 200_000;
        using AutoResetEvent wake = new(false);
        RecordRing<SessionRecord> ring = new(1, () => wake.Set());
        Thread producer = new(() =>
        {
            for (int number = 1; number <= Rounds; number++)
            {
                // A ring of one: the next record is published just as the reader, done with the last, is about to sleep.
                while (!TryPublish(ring, number))
                    Thread.Yield();
            }
        });
        producer.IsBackground = true;
        producer.Start();
        for (int expected = 1; expected <= Rounds; expected++)
        {
            while (!ring.TryRead(out _))
            {
                if (ring.TrySleep())
                    Assert.True(wake.WaitOne(Patience), $"asleep for ever before {expected}");
            }
            Assert.Equal(expected, Read(ring));
        }
    }

    private static bool TryPublish(RecordRing<SessionRecord> ring, long number)
    {
        if (!ring.TryReserve(out Span<SessionRecord> slot))
            return false;
        (slot[0].UpBytes, slot[0].DownBytes) = (number, ~number);
        ring.Publish();
        return true;
    }

    private static long Read(RecordRing<SessionRecord> ring)
    {
        Assert.True(ring.TryRead(out ReadOnlySpan<SessionRecord> slot));
        long number = slot[0].UpBytes;
        ring.Release();
        return number;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_written")]
    private static extern ref int Written(RecordRing<SessionRecord> ring);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_read")]
    private static extern ref int Consumed(RecordRing<SessionRecord> ring);
}
