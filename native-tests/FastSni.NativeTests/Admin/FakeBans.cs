using FastSni.Operations;
using FastSni.Wire;

namespace FastSni.NativeTests.Admin;

/// <summary>A ban list that protects 127.0.0.0/8 and has one entry of a file.</summary>
internal sealed class FakeBans : IBanControl
{
    internal const string Protected = "127.0.0.1 can't be banned: it is this machine";

    private static readonly DateTimeOffset Long = new(2026, 11, 23, 10, 15, 30, TimeSpan.FromHours(1));
    private readonly List<BanEntry> _entries = [new("198.51.100.0/24", "the \"file\" <b>", Long, null, IsFromFile: true)];

    internal List<(string Prefix, TimeSpan? Duration, string Reason)> Asked { get; } = [];

    /// <summary>Nobody can be banned for now.</summary>
    internal bool IsFrozen { get; set; }

    /// <summary>Thrown at the next change.</summary>
    internal Exception? Fault { get; set; }

    /// <summary>How often the list was asked for, and what it waits for.</summary>
    internal SemaphoreSlim? ListGate { get; set; }

    internal int ListsAsked;

    public Task<BanAnswer> BanAsync(AddressPrefix prefix, TimeSpan? duration, string reason)
    {
        if (Fault is { } fault)
            throw fault;
        if (IsFrozen)
            return Task.FromResult(new BanAnswer("an upgrade is under way", 0, IsForNow: true));
        if (prefix.ToString().StartsWith("127.", StringComparison.Ordinal))
            return Task.FromResult(new BanAnswer(Protected, 0));
        lock (_entries)
        {
            Asked.Add((prefix.ToString(), duration, reason));
            _entries.RemoveAll(entry => entry.Address == prefix.ToString());
            _entries.Add(new(prefix.ToString(), reason, Long, Long + duration, IsFromFile: false));
        }
        return Task.FromResult(new BanAnswer(null, 1));
    }

    public Task<string?> UnbanAsync(AddressPrefix prefix)
    {
        lock (_entries)
        {
            if (_entries.Any(entry => entry.IsFromFile && entry.Address == prefix.ToString()))
                return Task.FromResult<string?>("it stands in the file");
            return Task.FromResult(_entries.RemoveAll(entry => entry.Address == prefix.ToString()) == 0 ? "there is no such ban" : null);
        }
    }

    public IReadOnlyList<BanEntry> Bans()
    {
        Interlocked.Increment(ref ListsAsked);
        ListGate?.Wait(Support.Loopback.Patience);
        lock (_entries)
            return [.. _entries];
    }
}
