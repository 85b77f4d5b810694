using FastSni.Config;
using FastSni.Telemetry;
using Microsoft.Extensions.Logging;

namespace FastSni.Operations;

/// <summary>
/// The thread that turns the records of sessions and requests into the access log. It sleeps while there is nothing to write, and once woken waits
/// <see cref="CoalescingTime"/>, so that a batch is worth a wake-up and a write. A target that fails or blocks costs records,
/// which are counted, and never the time of a worker or a request.
/// <para>One worker's lines are in the order its sessions ended; those of several workers may be out of order by the coalescing time.</para>
/// </summary>
public sealed class AccessLogWriter : IDisposable
{
    /// <summary>What a ring must have room for: 4096 records carry 160,000 sessions a second.</summary>
    public static readonly TimeSpan CoalescingTime = TimeSpan.FromMilliseconds(25);

    /// <summary>How long <see cref="Dispose"/> waits for a target that blocks.</summary>
    public static readonly TimeSpan DisposeTimeout = TimeSpan.FromSeconds(2);

    // A ring that is filled as fast as it is read must not keep the others waiting.
    private const int RecordsPerVisitMax = 64 * 1024;

    private readonly LogSystem _system;
    private readonly ILogger _logger;
    private readonly LogTally _tally;
    private readonly AccessLogOutput _output;
    private readonly Thread _thread;
    // Neither event is ever disposed: workers may publish after the end, and the thread may be blocked for good.
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEventSlim _stop = new(false, spinCount: 0);
    private readonly Lock _gate = new();
    private volatile ILogSource[] _sources = [];
    private volatile string _applied = "off";
    private volatile bool _reopenRequested;
    private LogTarget? _nextTarget;             // This and the format: written by Apply, taken by the thread, both under the gate.
    private AccessLogFormat _nextFormat;

    /// <summary>Starts the thread; the log is off until <see cref="Apply"/>.</summary>
    /// <param name="time">Gives the local time zone.</param>
    /// <param name="logger">For what goes wrong.</param>
    public AccessLogWriter(ILogFiles files, TimeProvider time, ILogger<AccessLogWriter> logger)
        : this(new LogSystem(files, OutputDescriptor: 1, Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null), time, logger)
    {
    }

    internal AccessLogWriter(LogSystem system, TimeProvider time, ILogger logger)
    {
        (_system, _logger, _tally) = (system, logger, new LogTally(time, logger));
        _output = new AccessLogOutput(LogTarget.Off(system), _tally, time);
        _thread = new Thread(Run) { Name = "access-log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>`access-log = off`: records are discarded, and a worker that starts now needs no ring.</summary>
    public bool IsOff => _applied == "off";

    /// <summary>Records given to the target in full.</summary>
    public long WrittenRecords => _tally.Written;

    /// <summary>Records lost to full rings and failing writes; what `off` discards isn't lost.</summary>
    public long DroppedRecords => _tally.Dropped + Overflows;

    private long Overflows => _sources.Sum(source => source.Dropped);

    /// <summary>The queue for one worker, at any time.</summary>
    /// <param name="capacity">Records, of about half a kilobyte; a power of two.</param>
    public RecordRing<SessionRecord> AddRing(int capacity) => Add<SessionRecord>(capacity, _output.Add);

    /// <summary>The queue for sessions that end on many threads.</summary>
    /// <param name="capacity">As for <see cref="AddRing"/>.</param>
    public SharedRing<SessionRecord> AddSharedRing(int capacity) => new(AddRing(capacity));

    /// <summary>The queue for requests, which end on many threads.</summary>
    /// <param name="capacity">Records, of a few hundred bytes and at most 7 kB with their texts; a power of two.</param>
    public SharedRing<RequestRecord> AddRequestRing(int capacity) => new(Add<RequestRecord>(capacity, _output.Add));

    /// <summary>Follows `access-log` and `access-log-format`, at the start and after a reload. The thread changes over with its next batch.</summary>
    /// <returns>null, or a sentence that says why the file can't be opened: then everything stays as it was.</returns>
    public string? Apply(GatewayOptions options)
    {
        lock (_gate)
        {
            if (options.AccessLog != _applied)
            {
                if (!LogTarget.TryOpen(_system, options.AccessLog, out LogTarget? target, out string? error))
                    return error;
                _nextTarget?.Dispose();
                (_nextTarget, _applied) = (target, options.AccessLog);
            }
            _nextFormat = options.AccessLogFormat;
        }
        _wake.Set();
        return null;
    }

    /// <summary>
    /// Looks now whether the file has been renamed, and if so lets go of it: for SIGUSR1. Unasked, the writer looks at most once a second, and only
    /// when it has records to write.
    /// </summary>
    public void RequestReopen()
    {
        _reopenRequested = true;
        _wake.Set();
    }

    /// <summary>Writes what the rings hold, in bounded time.</summary>
    public void Dispose()
    {
        _stop.Set();
        _wake.Set();
        if (!_thread.Join(DisposeTimeout))
            Log.AccessLogAbandoned(_logger, _applied, DisposeTimeout.TotalSeconds);
    }

    private RecordRing<T> Add<T>(int capacity, LineAdder<T> add) where T : struct
    {
        RecordRing<T> ring = new(capacity, () => _wake.Set());
        lock (_gate)
            _sources = [.. _sources, new LogSource<T>(ring, add)];
        // The thread may be asleep without having told this ring.
        _wake.Set();
        return ring;
    }

    private void Run()
    {
        bool stopping;
        do
        {
            Sleep();
            stopping = _stop.Wait(CoalescingTime);
            try
            {
                WriteRecords();
            }
            catch (Exception defect)
            {
                // The log is not worth the gateway: a defect costs the record it was found at.
                _tally.CountDefect(defect);
            }
        } while (!stopping);
        _output.Dispose();
    }

    private void Sleep()
    {
        foreach (ILogSource source in _sources)
        {
            if (!source.TrySleep())
                return;
        }
        _wake.WaitOne();
    }

    private void WriteRecords()
    {
        lock (_gate)
        {
            _output.Change(_nextTarget, _nextFormat);
            _nextTarget = null;
        }
        if (_reopenRequested)
        {
            _reopenRequested = false;
            _output.ReopenIfMoved();
        }
        foreach (ILogSource source in _sources)
            source.Drain(RecordsPerVisitMax);
        _output.Flush();
        _tally.ReportOverflows(Overflows);
    }
}
