using System.Net.Security;
using FastSni.Backends;
using FastSni.Config;
using Microsoft.Extensions.Logging;

namespace FastSni.Http;

/// <summary>The connections of one route to one server that wait for the next request; the last that came goes first.</summary>
internal sealed class UpstreamPool(Server server, HttpBackendOptions options, UpstreamTls? tls, ConnectionSweep sweep, ILogger log)
{
    internal const int IdleMax = 128;

    /// <summary>Shorter than the keep-alive of common servers, so that it is rarely they who close.</summary>
    internal static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<UpstreamConnection> _idle = [];

    internal Server Server => server;

    internal ConnectReport Report { get; } = new(server, log);

    /// <summary>The name a connection for this exchange must have proved; null without TLS.</summary>
    internal string? TlsName(Exchange exchange) =>
        tls is null ? null : UpstreamTls.NameFor(exchange, server, options.ServerName);

    internal SslClientAuthenticationOptions TlsOptions(string name) => tls!.OptionsFor(name, SslApplicationProtocol.Http11);

    /// <summary>An idle connection that may be used for this name.</summary>
    internal UpstreamConnection? TryTake(string? tlsName)
    {
        lock (_lock)
        {
            for (int i = _idle.Count - 1; i >= 0; i--)
            {
                UpstreamConnection connection = _idle[i];
                if (!string.Equals(connection.TlsName, tlsName, StringComparison.Ordinal))
                    continue;
                _idle.RemoveAt(i);
                if (connection.TryWake())
                    return connection;
            }
            return null;
        }
    }

    /// <summary>Takes a new connection under the sweep's eye.</summary>
    internal void Watch(UpstreamConnection connection) => sweep.Add(connection);

    /// <summary>Keeps a connection whose request is done for the next one. The one that waited longest leaves when there are too many.</summary>
    internal void Return(UpstreamConnection connection)
    {
        UpstreamConnection? surplus = null;
        bool isLate;
        lock (_lock)
        {
            isLate = !connection.TryFinish(IdleTimeout);
            if (!isLate)
                _idle.Add(connection);
            if (_idle.Count > IdleMax)
            {
                // Where the sweep was faster, it also closes it.
                surplus = _idle[0].TryWake() ? _idle[0] : null;
                _idle.RemoveAt(0);
            }
        }
        if (isLate)
            connection.Dispose();
        surplus?.Dispose();
    }

    /// <summary>The connection is being closed.</summary>
    internal void Forget(UpstreamConnection connection)
    {
        sweep.Remove(connection);
        lock (_lock)
            _idle.Remove(connection);
    }
}
