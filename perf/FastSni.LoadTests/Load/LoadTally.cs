using System.Collections.Concurrent;
using HdrHistogram;

namespace FastSni.LoadTests.Load;

/// <summary>What has been counted so far; written by every step, read at any time.</summary>
internal sealed class LoadTally(TimeSpan length)
{
    private const long LatencyMicrosecondsMax = 600_000_000;
    private const int PrecisionDigits = 3, ReasonsMax = 30;

    private readonly LongConcurrentHistogram _latencies = new(1, LatencyMicrosecondsMax, PrecisionDigits);
    private readonly ConcurrentDictionary<string, long> _failures = [];
    private readonly long[] _okBySecond = new long[(int)Math.Ceiling(length.TotalSeconds)];
    private long _ok, _bytes, _lateCount, _notStarted;

    public long Ok => Interlocked.Read(ref _ok);
    public long Failed => _failures.Values.Sum();
    public IReadOnlyDictionary<string, long> Failures => new SortedDictionary<string, long>(_failures, StringComparer.Ordinal);
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Steps that began later than they were due, by more than the timer explains.</summary>
    public long StartedLate => Interlocked.Read(ref _lateCount);

    /// <summary>Steps that were due while as many as may be were under way.</summary>
    public long NotStarted => Interlocked.Read(ref _notStarted);

    /// <summary>Good steps by the second they ended in; the last second may be a part of one.</summary>
    public IReadOnlyList<long> OkBySecond => _okBySecond;

    /// <param name="latency">From when the step was due.</param>
    /// <param name="ended">Since measuring began.</param>
    public void Record(StepResult result, TimeSpan latency, TimeSpan ended)
    {
        if (!result.IsOk)
        {
            // What a server makes up must not fill the memory.
            string reason = _failures.Count < ReasonsMax || _failures.ContainsKey(result.FailureReason!) ? result.FailureReason! : "other";
            _failures.AddOrUpdate(reason, 1, (_, count) => count + 1);
            return;
        }
        Interlocked.Increment(ref _ok);
        Interlocked.Add(ref _bytes, result.Bytes);
        _latencies.RecordValue(Math.Clamp((long)latency.TotalMicroseconds, 1, LatencyMicrosecondsMax));
        int second = (int)ended.TotalSeconds;
        if (second >= 0 && second < _okBySecond.Length)
            Interlocked.Increment(ref _okBySecond[second]);
    }

    public void CountLate() => Interlocked.Increment(ref _lateCount);

    public void CountNotStarted() => Interlocked.Increment(ref _notStarted);

    /// <summary>Milliseconds that this share of the good steps did not exceed; 0 where there was none.</summary>
    public double LatencyAt(double percentile) => Ok == 0 ? 0 : _latencies.GetValueAtPercentile(percentile) / 1000.0;
}
