using System.Net;
using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>
/// Warns of backends that are listeners of this gateway. Leading from one listener to another can be meant; leading back to the
/// same one makes every session open the next until a limit is reached.
/// </summary>
internal static class BackendLoops
{
    public static void Warn(List<ListenerDraft> listeners, IEnumerable<(IniSection Text, RouteSection Options)> sections, Findings findings)
    {
        ListenEndpoint[] own = [.. listeners.SelectMany(listener => listener.Endpoints)];
        foreach ((IniSection text, RouteSection options) in sections)
        {
            if (options is OffloadSection offload)
                Check(text, OffloadKeys.Backend, offload.Backend, own, findings);
            if (options is not PassthroughSection passthrough)
                continue;
            Check(text, PassthroughKeys.Backend.Backend, passthrough.Backend, own, findings);
            if (passthrough.HttpBackend is { } http)
                Check(text, PassthroughKeys.HttpBackend, http, own, findings);
        }
        foreach (ListenerDraft listener in listeners.Where(listener => listener.Backend is not null))
            Check(listener.Section, ListenKeys.Backend.Backend, listener.Backend!, own, findings);
    }

    private static void Check(IniSection section, Key key, ServerList backend, ListenEndpoint[] own, Findings findings)
    {
        foreach (ServerAddress server in backend.Servers.Where(server => server.Kind == ServerKind.Ip))
        {
            IPAddress address = IPAddress.Parse(server.Host);
            if (Array.Find(own, endpoint => Reaches(address, server.Port, endpoint)) is { } reached)
            {
                findings.Warn(section, key,
                    $"{server.Text} is {reached}, where this gateway itself listens: unless that is meant, sessions go round in a circle");
            }
        }
    }

    /// <summary>A server without a port stands for every port a client connects to, so for that of any listener.</summary>
    private static bool Reaches(IPAddress address, int? port, ListenEndpoint endpoint) =>
        (port is null || port == endpoint.Port)
        && (address.Equals(endpoint.Address)
            || (endpoint.IsWildcard && IPAddress.IsLoopback(address) && address.AddressFamily == endpoint.Address.AddressFamily));
}
