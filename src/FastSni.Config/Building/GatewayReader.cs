using System.Collections.Immutable;
using FastSni.Config.Ini;
using K = FastSni.Config.Schema.GatewayKeys;

namespace FastSni.Config.Building;

internal static class GatewayReader
{
    public static GatewayOptions Read(IniSection section) => new()
    {
        Workers = section.Get(K.Workers),
        MaxConnections = section.Get(K.MaxConnections),
        MaxConnectionsPerClient = section.Get(K.MaxConnectionsPerClient),
        MaxNewSessionsPerClient = section.Get(K.MaxNewSessionsPerClient),
        MaxPendingHellos = section.Get(K.MaxPendingHellos),
        MaxPendingHellosPerClient = section.Get(K.MaxPendingHellosPerClient),
        HelloTimeout = section.Get(K.HelloTimeout),
        HelloLimitBytes = (int)section.Get(K.HelloLimit),
        ProxyHeaderTimeout = section.Get(K.ProxyHeaderTimeout),
        HandshakeTimeout = section.Get(K.HandshakeTimeout),
        ConnectTimeout = section.Get(K.ConnectTimeout),
        IdleTimeout = section.Get(K.IdleTimeout),
        HalfCloseTimeout = section.Get(K.HalfCloseTimeout),
        DrainTimeout = section.Get(K.DrainTimeout),
        Log = section.Get(K.Log)!,
        LogLevel = section.Get(K.LogLevel),
        AccessLog = section.Get(K.AccessLog)!,
        AccessLogFormat = section.Get(K.AccessLogFormat),
        StateDirectory = section.Get(K.StateDirectory)!,
        ResolveInterval = section.Get(K.ResolveInterval),
        MaxRequests = section.Get(K.MaxRequests),
        TrustedProxies = ImmutableArray.Create(section.Get(K.TrustedProxies) ?? []),
    };
}
