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
    private const int DefaultPort = 443;
    private const string BackendKeyOnTls =
        "a tls listener finds its backend by name: this key belongs to a [passthrough:NAME] section or to a tcp listener";
    private const string ActionOnTcp =
        "a tcp listener asks for no name, everything goes to its backend: remove this key, or write mode = tls";

    private readonly BackendReader _backends = new(findings);
    private readonly Dictionary<(IPAddress Address, int Port), IniSection> _taken = [];

    public List<ListenerDraft> Read()
    {
        List<ListenerDraft> drafts = [.. tree.OfKind(ListenKeys.Kind).Select(Read)];
        return drafts.Count > 0 ? drafts : [Implied()];
    }

    /// <summary>Without any [listen:*]: https on :443.</summary>
    private ListenerDraft Implied() => new(tree.Implied(ListenKeys.Kind, "https"), ListenMode.Tls,
        [new(IPAddress.Any, DefaultPort), new(IPAddress.IPv6Any, DefaultPort) { IsOptional = true }], null);

    private ListenerDraft Read(IniSection section)
    {
        Require(section, ListenKeys.Address, "write what to listen on, such as address = :443");
        Require(section, ListenKeys.Mode, "write mode = tls for names by SNI, or mode = tcp for one backend");
        ListenMode? mode = section.TryGet(ListenKeys.Mode, out ListenMode written) ? written : null;
        ImmutableArray<ListenEndpoint> endpoints = [.. (section.Get(ListenKeys.Address) ?? []).SelectMany(sockets => sockets)];
        CheckTaken(section, endpoints);

        if (mode == ListenMode.Tls)
            Forbid(section, ListenKeys.Backend.All, BackendKeyOnTls);
        if (mode == ListenMode.Tcp)
            Forbid(section, ListenKeys.Actions.All, ActionOnTcp);
        return new ListenerDraft(section, mode, endpoints, mode == ListenMode.Tcp ? _backends.Read(section, ListenKeys.Backend) : null);
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
