using System.Collections.Immutable;
using System.Net;
using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>A listener and the text it comes from, before its names are known.</summary>
/// <param name="Mode">null where it is missing or wrong, which has been reported.</param>
internal sealed record ListenerDraft(IniSection Section, ListenMode? Mode, ImmutableArray<ListenEndpoint> Endpoints, BackendOptions? Backend);

internal sealed class ListenerReader(IniTree tree, Findings findings)
{
    private const string BackendKeyOnTls =
        "a tls listener finds its backend by name: this key belongs to a [passthrough:NAME] section or to a tcp listener";
    private const string BackendKeyOnHttp =
        "an http listener finds its backend by name: write http-backend in a [passthrough:NAME] section, or backend in an [offload:NAME] section";
    private const string HelloActionOnHttp =
        "an http listener reads no TLS, whose hello could lack a name or be none: remove this key; action is for hosts that no section has";
    private const string ActionOnTcp =
        "a tcp listener asks for no name, everything goes to its backend: remove this key, or write mode = tls";

    private readonly BackendReader _backends = new(findings);
    private readonly Dictionary<(IPAddress Address, int Port), IniSection> _taken = [];

    public List<ListenerDraft> Read()
    {
        List<ListenerDraft> drafts = [.. tree.OfKind(ListenKeys.Kind).Select(Read)];
        // Without any [listen:*]: https on :443, http on :80.
        return drafts.Count > 0 ? drafts : [Implied("https", ListenMode.Tls, 443), Implied("http", ListenMode.Http, 80)];
    }

    private ListenerDraft Implied(string name, ListenMode mode, int port) =>
        new(tree.Implied(ListenKeys.Kind, name), mode, [new(IPAddress.Any, port), new(IPAddress.IPv6Any, port) { IsOptional = true }], null);

    private ListenerDraft Read(IniSection section)
    {
        Require(section, ListenKeys.Address, "write what to listen on, such as address = :443");
        Require(section, ListenKeys.Mode, "write mode = tls for names by SNI, mode = http for port 80, or mode = tcp for one backend");
        ListenMode? mode = section.TryGet(ListenKeys.Mode, out ListenMode written) ? written : null;
        ImmutableArray<ListenEndpoint> endpoints = [.. (section.Get(ListenKeys.Address) ?? []).SelectMany(sockets => sockets)];
        CheckTaken(section, endpoints);
        CheckTrust(section);

        if (mode == ListenMode.Tls)
            Forbid(section, ListenKeys.Backend.All, BackendKeyOnTls);
        if (mode == ListenMode.Http)
        {
            Forbid(section, ListenKeys.Backend.All, BackendKeyOnHttp);
            Forbid(section, [ListenKeys.Actions.NoNameAction, ListenKeys.Actions.NotTlsAction], HelloActionOnHttp);
        }
        if (mode == ListenMode.Tcp)
            Forbid(section, ListenKeys.Actions.All, ActionOnTcp);
        return new ListenerDraft(section, mode, endpoints, mode == ListenMode.Tcp ? _backends.Read(section, ListenKeys.Backend, firstName: null) : null);
    }

    private void Require(IniSection section, Key key, string remedy)
    {
        if (!section.Has(key))
            findings.Error(section, key, $"missing: {remedy}");
    }

    private void Forbid(IniSection section, IEnumerable<Key> keys, string sentence)
    {
        foreach (Key key in keys.Where(section.Has))
            findings.Error(section, key, sentence);
    }

    // A header that could be believed from nobody is a listener that refuses everybody, or a key that does nothing.
    private void CheckTrust(IniSection section)
    {
        if (section.Get(ListenKeys.AcceptProxy) != AcceptProxy.Off
            && !NamesSomebody(section, ListenKeys.TrustedProxies) && !NamesSomebody(tree.Single(GatewayKeys.Kind), GatewayKeys.TrustedProxies))
        {
            findings.Error(section, ListenKeys.AcceptProxy,
                "no PROXY header would be believed: write trusted-proxies, here or in [gateway], with the addresses of the load balancer in front");
        }
    }

    /// <summary>True also for a list that is wrong, which has been reported.</summary>
    private static bool NamesSomebody(IniSection section, Key<IPNetwork[]> key) =>
        section.Has(key) && !(section.TryGet(key, out IPNetwork[]? networks) && networks.Length == 0);

    private void CheckTaken(IniSection section, ImmutableArray<ListenEndpoint> endpoints)
    {
        HashSet<IniSection> reported = [];   // `:443` is two sockets, but one mistake.
        foreach (ListenEndpoint endpoint in endpoints)
        {
            if (_taken.TryAdd((endpoint.Address, endpoint.Port), section))
                continue;
            IniSection first = _taken[(endpoint.Address, endpoint.Port)];
            if (reported.Add(first))
            {
                string where = first == section ? "is in this list twice"
                    : $"is taken by listener {first.Name}: first at {first.PlaceOf(ListenKeys.Address)}; give one of them another address or port";
                findings.Error(section, ListenKeys.Address, $"{endpoint} {where}");
            }
        }
    }
}
