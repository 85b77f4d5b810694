using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using FastSni.Config;
using FastSni.Wire;
using Microsoft.Extensions.Logging;

namespace FastSni.Bans;

/// <summary>
/// The ban list as the host sees it: kept over restarts, changed by commands and by a file, never against addresses that are protected.
/// Bans, answers and counts come from any thread and do not wait for files; <see cref="Start"/>, <see cref="Apply"/> and what concerns an upgrade do.
/// </summary>
public sealed class BanDesk : IDisposable
{
    private const int TicksPerLook = 2, TicksPerRefresh = 60;

    internal static readonly TimeSpan TickTime = TimeSpan.FromSeconds(1), DisposeTimeout = TimeSpan.FromSeconds(5);

    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly Func<IEnumerable<AddressPrefix>> _ownAddresses;
    private readonly BanBook _book;
    private readonly BanFileWatcher _watcher;
    private readonly Lock _files = new();    // Around everything below.
    private volatile Protected _protected;
    private BanStore? _store;
    private Action? _whenBanned;
    private ITimer? _timer;
    private long _savedVersion;
    private long _ticks;
    private bool _hasFile;
    private bool _isFrozen;
    private bool _isFollowing;

    /// <param name="ownAddresses">The machine's, asked anew at every ban; null: what its interfaces have.</param>
    public BanDesk(ILogger log, TimeProvider time, Func<IEnumerable<AddressPrefix>>? ownAddresses = null)
    {
        (_log, _time, _ownAddresses) = (log, time, ownAddresses ?? Protected.OwnAddresses);
        Table = new BanTable(time);
        _book = new BanBook(Table, time);
        _watcher = new BanFileWatcher(log);
        _protected = new Protected([], _ownAddresses);
    }

    /// <summary>What the loop asks.</summary>
    public BanTable Table { get; }

    /// <summary>Entries in force, those of the file with them.</summary>
    public int Count => _book.Count;

    /// <summary>An upgrade is under way, or another process has taken over: nothing changes by command.</summary>
    public bool IsFrozen => _book.IsFrozen;

    /// <summary>Bans that were refused because the list is full.</summary>
    public long RefusedFull => _book.RefusedFull;

    /// <summary>Takes over what an earlier process left in the state directory, and the file. From its return on the table is right.</summary>
    /// <param name="whenBanned">
    /// Called when others than before may be banned, other than by <see cref="TryBan"/>: whoever is connected is to be asked about anew. On any thread; it may not wait.
    /// </param>
    public void Start(Snapshot snapshot, Action whenBanned)
    {
        lock (_files)
        {
            _store = new BanStore(snapshot.Gateway.StateDirectory, _log, _time);
            if (_store.Load() is { } bans)
                _book.Replace(bans);
            if (_book.Count > 0)
                Log.Restored(_log, _book.Count);
            Apply(snapshot);
            _whenBanned = whenBanned;
            _timer = _time.CreateTimer(_ => Tick(), null, TickTime, TickTime);
        }
    }

    // The timer runs only while there is something to look after: an idle gateway sleeps.
    private void Wake() => _timer?.Change(TickTime, TickTime);

    /// <summary>Takes over [bans] and what is protected from a configuration that came into force; the state directory stays as it was at the start.</summary>
    public void Apply(Snapshot snapshot)
    {
        lock (_files)
        {
            _protected = new Protected(Protected.Of(snapshot), _ownAddresses);
            _book.Protect(_protected.Ranges());
            _hasFile = snapshot.Bans.File is not null;
            _watcher.Watch(snapshot.Bans.File);
            Wake();
            if (snapshot.Bans.File is null)
                _book.Replace(ListedBans.None);
            else if (_watcher.Look(_protected) is { } listed)
                _book.Replace(listed);
            _whenBanned?.Invoke();
        }
    }

    /// <summary>Bans, or gives a ban another time and reason. The caller closes what the banned have open.</summary>
    /// <param name="duration">null = until it is taken back.</param>
    /// <param name="error">Why not, fit for an operator.</param>
    public bool TryBan(AddressPrefix prefix, TimeSpan? duration, string reason, [NotNullWhen(false)] out string? error)
    {
        if (Protected.ReasonAgainst(prefix, _protected.Ranges()) is { } protection)
            error = $"{prefix} can't be banned: {protection}";
        else if (_book.TryBan(prefix, duration, reason, out error))
        {
            Log.Banned(_log, prefix.ToString(), UntilText(duration), BanReason.Clean(reason));
            Wake();
        }
        return error is null;
    }

    /// <summary>Takes back one ban by command, exactly as it was given.</summary>
    /// <param name="error">Why not, fit for an operator.</param>
    public bool TryUnban(AddressPrefix prefix, [NotNullWhen(false)] out string? error)
    {
        if (_book.TryUnban(prefix, out error))
        {
            Log.Unbanned(_log, prefix.ToString());
            Wake();
        }
        return error is null;
    }

    /// <summary>What is in force: bans by command, the newest first, then the file's.</summary>
    public IReadOnlyList<Ban> List() => [.. _book.Held(), .. _book.Listed()];

    /// <summary>Before another process takes over: writes what is not written yet, and from then on neither writes nor takes commands.</summary>
    public void Freeze()
    {
        _book.Freeze(isFrozen: true);
        lock (_files)
        {
            Save();
            _isFrozen = true;
        }
    }

    /// <summary>The other process did not take over: all is as before <see cref="Freeze"/>.</summary>
    public void Thaw()
    {
        lock (_files)
            _isFrozen = _isFollowing = false;
        _book.Freeze(isFrozen: false);
    }

    /// <summary>The other process has taken over: whom it bans from now on is banned here too, so that old sessions end.</summary>
    public void Follow()
    {
        _book.Freeze(isFrozen: true);
        lock (_files)
            _isFrozen = _isFollowing = true;
        Wake();
    }

    /// <summary>Writes what is not written yet.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        // A file on a dead network share may hold up a look for ever.
        if (!_files.TryEnter(DisposeTimeout))
            return;
        try
        {
            Save();
            _store = null;
        }
        finally
        {
            _files.Exit();
        }
    }

    /// <summary>Once a second; one that finds the one before still at work does nothing.</summary>
    internal void Tick()
    {
        if (!_files.TryEnter())
            return;
        try
        {
            if (_store is not null)
                LookAfterAll(_store);
        }
        catch (Exception defect)
        {
            // A timer's exception would end the process.
            Log.Defect(_log, defect);
        }
        finally
        {
            _files.Exit();
        }
    }

    private void LookAfterAll(BanStore store)
    {
        _ticks++;
        if (_ticks % TicksPerRefresh == 0)
        {
            _book.Purge();
            // The machine may have got another address.
            _book.Protect(_protected.Ranges());
        }
        if (store.MayTry)
            Save();
        bool isOther = false;
        if (_isFollowing && store.LoadIfChanged() is { } bans)
        {
            _book.Replace(bans);
            isOther = true;
        }
        if (_ticks % TicksPerLook == 0 && _watcher.Look(_protected) is { } listed)
        {
            _book.Replace(listed);
            isOther = true;
        }
        if (isOther)
            _whenBanned?.Invoke();
        if (!IsIdle)
            return;
        _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        // A ban that came meanwhile may have woken the timer just before.
        if (!IsIdle)
            Wake();
    }

    private bool IsIdle => _book.Count == 0 && _book.Version == _savedVersion && !_hasFile && !_isFollowing;

    private void Save()
    {
        long version = _book.Version;
        if (_store is not null && !_isFrozen && version != _savedVersion && _store.TrySave(_book.Held()))
            _savedVersion = version;
    }

    private string UntilText(TimeSpan? duration) =>
        duration is { } some ? (_time.GetUtcNow() + some).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "it is taken back";
}
