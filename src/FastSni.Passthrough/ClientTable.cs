using System.Runtime.InteropServices;
using FastSni.Wire;

namespace FastSni.Passthrough;

/// <summary>What each client address has open now, over all workers: the per-client limits. An IPv6 /64 counts as one client.</summary>
internal sealed class ClientTable
{
    private const int Stripes = 32;

    /// <summary>With a rate limit entries outlive their sessions: past this many a stripe forgets, once a second, those with nothing open whose second is over.</summary>
    private const int SweepAt = 4096;

    /// <summary>In a second, of one client.</summary>
    private const int RefusalLinesMax = 10;

    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Stripe())];

    private struct Counts
    {
        internal int Sessions, PendingHellos, NewThisSecond, LinesThisSecond;
        internal long Second;
    }

    private sealed class Stripe
    {
        internal readonly Lock Lock = new();
        internal readonly Dictionary<IpEndpoint, Counts> Clients = [];
        internal long SweptSecond;
    }

    /// <summary>Counts a new session, or refuses it.</summary>
    internal bool TryEnter(IpEndpoint client, WorkerSettings settings, Instant now)
    {
        IpEndpoint key = client.ClientKey;
        Stripe stripe = StripeOf(key);
        long second = now.Micros / 1_000_000;
        lock (stripe.Lock)
        {
            if (settings.NewSessionsPerClientMax > 0 && stripe.Clients.Count >= SweepAt && stripe.SweptSecond != second)
                Sweep(stripe, second);
            ref Counts counts = ref CollectionsMarshal.GetValueRefOrAddDefault(stripe.Clients, key, out _);
            Begin(ref counts, second);
            if (IsOver(counts.Sessions, settings.SessionsPerClientMax) || IsOver(counts.NewThisSecond, settings.NewSessionsPerClientMax))
                return false;
            counts.Sessions++;
            counts.NewThisSecond++;
            return true;
        }
    }

    internal void Leave(IpEndpoint client, bool rateIsLimited)
    {
        IpEndpoint key = client.ClientKey;
        Stripe stripe = StripeOf(key);
        lock (stripe.Lock)
        {
            ref Counts counts = ref CollectionsMarshal.GetValueRefOrNullRef(stripe.Clients, key);
            counts.Sessions--;
            // With a rate limit the entry must outlive its sessions, or a client would start afresh with each.
            if (counts.Sessions == 0 && !rateIsLimited)
                stripe.Clients.Remove(key);
        }
    }

    /// <summary>Counts a session whose hello is not complete, or says that the client has too many of them.</summary>
    internal bool TryEnterPending(IpEndpoint client, int pendingMax)
    {
        Stripe stripe = StripeOf(client.ClientKey);
        lock (stripe.Lock)
        {
            ref Counts counts = ref CollectionsMarshal.GetValueRefOrNullRef(stripe.Clients, client.ClientKey);
            if (IsOver(counts.PendingHellos, pendingMax))
                return false;
            counts.PendingHellos++;
            return true;
        }
    }

    internal void LeavePending(IpEndpoint client)
    {
        Stripe stripe = StripeOf(client.ClientKey);
        lock (stripe.Lock)
            CollectionsMarshal.GetValueRefOrNullRef(stripe.Clients, client.ClientKey).PendingHellos--;
    }

    /// <summary>Whether the access log shall have a line of this refusal too: some for whoever counts them, not one for each of a flood.</summary>
    internal bool MayTell(IpEndpoint client, Instant now)
    {
        IpEndpoint key = client.ClientKey;
        Stripe stripe = StripeOf(key);
        lock (stripe.Lock)
        {
            // All that the client had open may have ended since.
            if (!stripe.Clients.ContainsKey(key))
                return true;
            ref Counts counts = ref CollectionsMarshal.GetValueRefOrNullRef(stripe.Clients, key);
            Begin(ref counts, now.Micros / 1_000_000);
            return counts.LinesThisSecond++ < RefusalLinesMax;
        }
    }

    private static void Begin(ref Counts counts, long second)
    {
        if (counts.Second != second)
            (counts.Second, counts.NewThisSecond, counts.LinesThisSecond) = (second, 0, 0);
    }

    private static bool IsOver(int count, int max) => max > 0 && count >= max;

    private static void Sweep(Stripe stripe, long second)
    {
        stripe.SweptSecond = second;
        foreach ((IpEndpoint key, Counts counts) in stripe.Clients)
        {
            if (counts.Sessions == 0 && counts.Second < second)
                stripe.Clients.Remove(key);     // Removing while enumerating is allowed for a Dictionary.
        }
    }

    private Stripe StripeOf(IpEndpoint key) => _stripes[(key.GetHashCode() & int.MaxValue) % Stripes];
}
