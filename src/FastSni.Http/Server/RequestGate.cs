namespace FastSni.Http;

/// <summary>Requests in flight, of all connections and rooms: the limit is `max-requests`, its answer 503.</summary>
public sealed class RequestGate
{
    private int _inFlight;
    private long _refused, _malformed;

    /// <summary>Requests answered 503 for the limit.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Requests that are no HTTP, or beyond the limits of a head.</summary>
    public long Malformed => Interlocked.Read(ref _malformed);

    internal void CountMalformed() => Interlocked.Increment(ref _malformed);

    internal bool TryEnter(int requestsMax)
    {
        if (Interlocked.Increment(ref _inFlight) <= requestsMax)
            return true;
        Leave();
        Interlocked.Increment(ref _refused);
        return false;
    }

    internal void Leave() => Interlocked.Decrement(ref _inFlight);
}
