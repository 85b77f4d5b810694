using System.Collections.Concurrent;
using System.Net;

namespace FastSni.LoadTests.Soak;

/// <summary>What was done, what ended early for a reason of ours, and what should not have happened.</summary>
/// <param name="isQuiet">Whether the unexpected stays unsaid until somebody asks.</param>
internal sealed class Ledger(bool isQuiet = false)
{
    /// <summary>These two may leave `end=error` in the access log: TLS that came to nothing.</summary>
    public const string AbortedTls = "aborted by us, perhaps in the TLS handshake", CutInHandshake = "cut in the TLS handshake by the upgrade";

    private const int UnexpectedKept = 40;

    private readonly ConcurrentDictionary<string, long> _done = [], _expected = [];
    private readonly ConcurrentQueue<string> _unexpected = [];
    private long _unexpectedCount, _bytes;

    public IReadOnlyDictionary<string, long> DoneByKind => new SortedDictionary<string, long>(_done);
    public IReadOnlyDictionary<string, long> ExpectedByReason => new SortedDictionary<string, long>(_expected);
    public IReadOnlyCollection<string> Unexpected => _unexpected;
    public long UnexpectedCount => Interlocked.Read(ref _unexpectedCount);
    public long TotalDone => _done.Values.Sum();
    public long TotalExpected => _expected.Values.Sum();
    /// <summary>Checked bytes, both ways together.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Who a session's backend must be told about, by its tag.</summary>
    public ConcurrentDictionary<Guid, IPEndPoint> Sources { get; } = [];

    public void Done(string kind, long bytes = 0)
    {
        _done.AddOrUpdate(kind, 1, (_, count) => count + 1);
        Interlocked.Add(ref _bytes, bytes);
    }

    public void Expected(string reason, int times = 1) => _expected.AddOrUpdate(reason, times, (_, count) => count + times);

    public void NotExpected(string what)
    {
        if (Interlocked.Increment(ref _unexpectedCount) <= UnexpectedKept)
        {
            _unexpected.Enqueue(what);
            if (!isQuiet)
                Console.WriteLine($"UNEXPECTED {what}");
        }
    }
}
