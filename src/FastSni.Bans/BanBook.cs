using System.Diagnostics.CodeAnalysis;
using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>The whole ban list in memory: who, why, since when, until when. What of it counts goes on into the <see cref="BanTable"/>. Thread-safe.</summary>
internal sealed class BanBook(BanTable table, TimeProvider time)
{
    /// <summary>By command.</summary>
    internal const int BansMax = 200_000;

    private const string UpgradeUnderWay = "an upgrade is under way: ask again in a moment";

    private readonly Lock _gate = new();
    private readonly Dictionary<AddressPrefix, HeldBan> _held = new(PrefixComparer.Instance);
    private ListedBans _listed = ListedBans.None;
    private long _order;
    private bool _isFrozen;

    /// <summary>Changes with every change that a restart should find again.</summary>
    internal long Version { get; private set; }

    /// <summary>Bans that were refused because the list is full.</summary>
    internal long RefusedFull { get; private set; }

    internal int Count
    {
        get
        {
            lock (_gate)
                return _held.Values.Count(IsInForce) + _listed.Prefixes.Length;
        }
    }

    internal bool IsFrozen
    {
        get
        {
            lock (_gate)
                return _isFrozen;
        }
    }

    internal bool TryBan(AddressPrefix prefix, TimeSpan? duration, string reason, [NotNullWhen(false)] out string? error)
    {
        lock (_gate)
        {
            error = Refusal(prefix, duration);
            if (error is not null)
                return false;
            Hold(new HeldBan(prefix, BanReason.Clean(reason), time.GetUtcNow(), EndAfter(duration), ++_order));
            Version++;
            return true;
        }
    }

    internal bool TryUnban(AddressPrefix prefix, [NotNullWhen(false)] out string? error)
    {
        lock (_gate)
        {
            bool isHeld = _held.TryGetValue(prefix, out HeldBan? held) && IsInForce(held);
            error = _isFrozen ? UpgradeUnderWay : isHeld ? null : WhyNotBanned(prefix);
            if (error is not null)
                return false;
            LetGo(prefix);
            Version++;
            return true;
        }
    }

    /// <summary>Bans by command that are in force, the newest first, with their ends as the wall clock has them now.</summary>
    internal IReadOnlyList<Ban> Held()
    {
        lock (_gate)
        {
            (DateTimeOffset utc, long now) = (time.GetUtcNow(), time.GetTimestamp());
            return [.. _held.Values.Where(IsInForce).OrderByDescending(ban => ban.Order)
                .Select(ban => new Ban(ban.Prefix, ban.Reason, ban.Since, UntilOf(ban, utc, now), IsFromFile: false))];
        }
    }

    internal IReadOnlyList<Ban> Listed()
    {
        lock (_gate)
            return [.. _listed.Prefixes.Select(prefix => new Ban(prefix, "", _listed.Since, Until: null, IsFromFile: true))];
    }

    /// <summary>Takes what a file of state says in place of what is held. Nobody who stays banned is free for a moment.</summary>
    /// <param name="bans">The newest first.</param>
    internal void Replace(IReadOnlyList<Ban> bans)
    {
        lock (_gate)
        {
            DateTimeOffset utc = time.GetUtcNow();
            HashSet<AddressPrefix> kept = new(bans.Select(ban => ban.Prefix), PrefixComparer.Instance);
            foreach (AddressPrefix gone in _held.Keys.Where(prefix => !kept.Contains(prefix)).ToArray())
                LetGo(gone);
            foreach (Ban ban in bans.Reverse())
            {
                // Never longer than it was meant for: without a battery a router's clock is years behind until it has asked the network.
                TimeSpan? left = ban.Until is { } until ? TimeSpan.FromTicks(Math.Min(Math.Min((until - utc).Ticks, (until - ban.Since).Ticks), BanDuration.Max.Ticks)) : null;
                if (left <= TimeSpan.Zero)
                    LetGo(ban.Prefix);
                else
                    Hold(new HeldBan(ban.Prefix, ban.Reason, ban.Since, EndAfter(left), ++_order));
            }
        }
    }

    /// <summary>Takes over what `[bans] file` lists.</summary>
    internal void Replace(ListedBans listed)
    {
        AddressSet addresses = new(listed.Prefixes);
        lock (_gate)
        {
            _listed = listed;
            table.List(addresses);
        }
    }

    internal void Protect(IReadOnlyCollection<ProtectedRange> ranges)
    {
        AddressSet addresses = new([.. ranges.Select(range => range.Prefix)]);
        lock (_gate)
            table.Protect(addresses);
    }

    /// <summary>Forgets what has ended.</summary>
    internal void Purge()
    {
        lock (_gate)
        {
            foreach (HeldBan ended in _held.Values.Where(ban => !IsInForce(ban)).ToArray())
                LetGo(ended.Prefix);
        }
    }

    /// <summary>From its return on nothing changes by command, until it is called with false.</summary>
    internal void Freeze(bool isFrozen)
    {
        lock (_gate)
            _isFrozen = isFrozen;
    }

    private string? Refusal(AddressPrefix prefix, TimeSpan? duration)
    {
        if (_isFrozen)
            return UpgradeUnderWay;
        if (duration <= TimeSpan.Zero)
            return "a ban takes some time: more than 0 s";
        if (duration > BanDuration.Max)
            return $"a ban takes at most {BanDuration.Max.Days}d: without a time it lasts until it is taken back";
        if (_held.Count >= BansMax && !_held.ContainsKey(prefix))
            Purge();
        if (_held.Count < BansMax || _held.ContainsKey(prefix))
            return null;
        RefusedFull++;
        return $"the ban list is full ({BansMax} entries): ban prefixes, or for a shorter time";
    }

    private string WhyNotBanned(AddressPrefix prefix)
    {
        if (_listed.Prefixes.Contains(prefix))
            return $"{prefix} stands in {_listed.Path}: take it out there";
        HeldBan? wider = _held.Values.FirstOrDefault(ban => IsInForce(ban) && IsInside(prefix, ban.Prefix));
        if (wider is not null)
            return $"{prefix} is not banned by itself: it is inside the banned {wider.Prefix}";
        foreach (AddressPrefix listed in _listed.Prefixes)
        {
            if (IsInside(prefix, listed))
                return $"{prefix} is not banned by itself: it is inside {listed}, which stands in {_listed.Path}";
        }
        return $"{prefix} is not banned";
    }

    private static bool IsInside(AddressPrefix inner, AddressPrefix outer) => outer.Bits < inner.Bits && outer.Contains(inner.First);

    private void Hold(HeldBan ban)
    {
        _held[ban.Prefix] = ban;
        table.Set(ban.Prefix, ban.End);
    }

    private void LetGo(AddressPrefix prefix)
    {
        _held.Remove(prefix);
        table.Remove(prefix);
    }

    private bool IsInForce(HeldBan ban) => ban.End == BanTable.Never || ban.End > time.GetTimestamp();

    private long EndAfter(TimeSpan? duration) =>
        duration is { } some ? time.GetTimestamp() + (long)(some.TotalSeconds * time.TimestampFrequency) : BanTable.Never;

    private DateTimeOffset? UntilOf(HeldBan ban, DateTimeOffset utc, long now) =>
        ban.End == BanTable.Never ? null : utc + time.GetElapsedTime(now, ban.End);
}
