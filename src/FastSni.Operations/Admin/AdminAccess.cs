using System.Security.Cryptography;
using System.Text;
using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Operations;

/// <summary>What became of a token.</summary>
/// <param name="Error">Fit for who sent it; null = it is the right one.</param>
/// <param name="RetryAfter">With 429: when it may be tried again.</param>
internal readonly record struct TokenVerdict(int Status, string? Error, TimeSpan RetryAfter = default);

/// <summary>Who may connect to the admin address and who may change something there.</summary>
internal sealed class AdminAccess(TimeProvider time, AdminEvents events)
{
    /// <summary>In all; of one address; and of those in all, the ones kept for addresses that have shown the token.</summary>
    internal const int ConnectionsMax = 32, PerAddressMax = 16, ConnectionsKept = 8;

    private readonly TokenAttempts _attempts = new(time);
    private volatile AdminOptions _options = new(Socket: null);
    private readonly Dictionary<IpEndpoint, int> _connections = [];     // Guarded by the lock on _attempts.

    /// <summary>Those in force.</summary>
    internal AdminOptions Options { get => _options; set => _options = value; }

    internal bool IsAllowed(IpEndpoint peer)
    {
        foreach (AddressPrefix allowed in _options.Allow)
        {
            if (allowed.Contains(peer))
                return true;
        }
        return false;
    }

    /// <summary>Counts a connection; false where there are too many.</summary>
    internal bool TryEnter(IpEndpoint peer)
    {
        lock (_attempts)
        {
            int own = _connections.GetValueOrDefault(peer.WithPort(0));
            int places = ConnectionsMax - (_attempts.IsKnown(peer) ? 0 : ConnectionsKept);
            if (own >= PerAddressMax || _connections.Values.Sum() >= places)
                return false;
            _connections[peer.WithPort(0)] = own + 1;
            return true;
        }
    }

    internal void Leave(IpEndpoint peer)
    {
        lock (_attempts)
        {
            if (--_connections[peer.WithPort(0)] == 0)
                _connections.Remove(peer.WithPort(0));
        }
    }

    /// <summary>Judges a change by its Authorization header. The file is read each time, so a new token holds at once.</summary>
    /// <param name="authorization">`Bearer TOKEN`; anything else is no token.</param>
    internal TokenVerdict Judge(IpEndpoint peer, string authorization)
    {
        if (_options.TokenFile is not { } file)
            return new(403, "changes are not allowed over this address: name a file with a token in [admin] token-file, and reload");
        AdminToken token = AdminToken.Read(file);
        if (token.Text is not { } expected)
        {
            events.TokenFileUnusable(file, token.Error!);
            return new(403, $"changes are not allowed over this address: the file of [admin] token-file: {token.Error}");
        }
        const string Scheme = "Bearer ";
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return new(401, "a change needs the header Authorization: Bearer TOKEN");
        return Judge(peer, Hash(authorization[Scheme.Length..].Trim(' ')), Hash(expected));
    }

    private TokenVerdict Judge(IpEndpoint peer, byte[] given, byte[] expected)
    {
        // One at a time, or requests that come together would each be the fifth. Who has to wait is not told whether the token was right.
        lock (_attempts)
        {
            if (_attempts.WaitOf(peer) is { } wait)
            {
                events.AttemptLimited(peer);
                return new(429, "too many wrong tokens: try again later", wait);
            }
            if (CryptographicOperations.FixedTimeEquals(given, expected))
            {
                _attempts.CountRight(peer);
                return new(200, null);
            }
            _attempts.CountWrong(peer);
        }
        events.TokenWrong(peer);
        return new(401, "this is not the token");
    }

    // Of one length, so that comparing tells nothing.
    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
