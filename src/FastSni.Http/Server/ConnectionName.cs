using FastSni.Handoff;
using FastSni.Wire;

namespace FastSni.Http;

/// <summary>What Kestrel calls a connection, written so that its messages lead back to listener and client: `https 203.0.113.9:50123`.</summary>
internal static class ConnectionName
{
    internal static string Of(HandedOffClient client) => client.Listener.Name + " " + client.Client;

    internal static bool TryRead(string name, out string listener, out IpEndpoint client)
    {
        int space = name.IndexOf(' ', StringComparison.Ordinal);
        (listener, client) = (space < 0 ? "" : name[..space], default);
        return space >= 0 && IpEndpoint.TryParse(name[(space + 1)..], out client);
    }
}
