using System.Collections.Immutable;
using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>Sections → snapshot. It goes on after an error, with a default in its place, so that one run finds everything.</summary>
/// <param name="now">For certificates that have expired.</param>
internal sealed class SnapshotBuilder(IniTree tree, Findings findings, DateTimeOffset now)
{
    public Snapshot Build()
    {
        GatewayOptions gateway = GatewayReader.Read(tree.Single(GatewayKeys.Kind));
        List<ListenerDraft> listeners = new ListenerReader(tree, findings).Read();
        List<SectionDraft> drafts = SectionDraft.All(tree, findings);
        NameCollector names = new(findings);
        drafts.ForEach(names.Collect);
        NameClaims claims = new(drafts, names, findings);
        Dictionary<ListenerDraft, RouteTable> tables = BuildTables(listeners, new ListenerNames(listeners, drafts, findings), claims);

        CertificateFiles files = new(findings, now);
        IniSection defaults = tree.Single(DefaultKeys.Kind);
        TlsIdentities identities = new(defaults, drafts, claims.Shares, files, findings);
        OffloadReader offload = new(names, files, findings);
        PassthroughReader passthrough = new(names, findings);
        ImmutableArray<RouteSection> sections =
            [.. drafts.Select(draft => draft.IsOffload ? (RouteSection)offload.Read(draft, identities.Of(draft)) : passthrough.Read(draft))];

        ActionResolver actions = new(tree, sections, findings);
        ImmutableArray<Listener> built = [.. listeners.Select(draft => BuildListener(draft, tables[draft], gateway, actions))];
        CheckPurpose(drafts, sections, actions);
        BackendLoops.Warn(listeners, drafts.Select(draft => (draft.Section, sections[draft.Index])), findings);
        return new Snapshot
        {
            Gateway = gateway,
            Listeners = built,
            Sections = sections,
            DefaultSite = new DefaultSite(identities.Default, defaults.Get(DefaultKeys.Status)),
            Bans = BansReader.Read(tree.Single(BansKeys.Kind), findings),
            Admin = new AdminReader(listeners, findings).Read(tree.Single(AdminKeys.Kind)),
            Files = [.. findings.Files.Distinct()],
            Warnings = findings.ToWarnings(),
        };
    }

    // A clash on a tls listener is the plainer thing to say than the one that follows from it on an http listener.
    private static Dictionary<ListenerDraft, RouteTable> BuildTables(List<ListenerDraft> listeners, ListenerNames carried, NameClaims claims)
    {
        Dictionary<ListenerDraft, RouteTable> tables = listeners.OrderBy(draft => draft.Mode == ListenMode.Http).ToDictionary(
            draft => draft, draft => draft.Mode is ListenMode.Tls or ListenMode.Http ? claims.Build(carried.By(draft), draft) : RouteTable.Empty);
        claims.Report();
        return tables;
    }

    private static Listener BuildListener(ListenerDraft draft, RouteTable names, GatewayOptions gateway, ActionResolver actions)
    {
        bool isTls = draft.Mode == ListenMode.Tls;
        return new Listener
        {
            Name = draft.Section.Name,
            Mode = draft.Mode ?? ListenMode.Tcp,
            Endpoints = draft.Endpoints,
            Names = names,
            UnknownName = isTls || draft.Mode == ListenMode.Http ? actions.Choose(draft.Section, keys => keys.Action) : RouteAction.Reject,
            NoName = isTls ? actions.Choose(draft.Section, keys => keys.NoNameAction) : RouteAction.Reject,
            NotTls = isTls ? actions.Choose(draft.Section, keys => keys.NotTlsAction) : RouteAction.Reject,
            Backend = draft.Backend,
            AcceptProxy = draft.Section.Get(ListenKeys.AcceptProxy),
            TrustedProxies = [.. (draft.Section.Get(ListenKeys.TrustedProxies) ?? []).Concat(gateway.TrustedProxies).Distinct()],
        };
    }

    private void CheckPurpose(List<SectionDraft> drafts, ImmutableArray<RouteSection> sections, ActionResolver actions)
    {
        foreach (SectionDraft draft in drafts.Where(draft => !draft.HasNames && !actions.IsReferredTo(sections[draft.Index])))
        {
            findings.Error(draft.Section,
                $"no name leads here and no action either: give it names, or write action = {draft.Section.Title} in [default], or remove it");
        }
    }
}
