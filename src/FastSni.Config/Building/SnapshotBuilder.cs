using System.Collections.Immutable;
using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>Sections → snapshot. It goes on after an error, with a default in its place, so that one run finds everything.</summary>
internal sealed class SnapshotBuilder(IniTree tree, Findings findings)
{
    public Snapshot Build()
    {
        GatewayOptions gateway = GatewayReader.Read(tree.Single(GatewayKeys.Kind));
        List<ListenerDraft> listeners = new ListenerReader(tree, findings).Read();
        List<PassthroughDraft> passthroughs = PassthroughReader.Read(tree, findings);
        ActionResolver actions = new(tree, passthroughs, findings);
        ImmutableArray<Listener> built = BuildListeners(listeners, passthroughs, actions);
        CheckPurpose(passthroughs, actions);
        BackendLoops.Warn(listeners, passthroughs, findings);
        return new Snapshot
        {
            Gateway = gateway,
            Listeners = built,
            Sections = [.. passthroughs.Select(draft => draft.Options)],
            AdminSocket = tree.Single(AdminKeys.Kind).Get(AdminKeys.Socket)!,
            Files = [.. findings.Files.Distinct()],
            Warnings = findings.ToWarnings(),
        };
    }

    private ImmutableArray<Listener> BuildListeners(List<ListenerDraft> drafts, List<PassthroughDraft> passthroughs, ActionResolver actions)
    {
        NameCollector collector = new(findings);
        passthroughs.ForEach(collector.Collect);
        NameClaims claims = new(collector, findings);
        ListenerNames carried = new(drafts, passthroughs, findings);
        ImmutableArray<Listener> listeners = [.. drafts.Select(draft => BuildListener(draft, claims, carried, actions))];
        claims.Report();
        return listeners;
    }

    private static Listener BuildListener(ListenerDraft draft, NameClaims claims, ListenerNames carried, ActionResolver actions)
    {
        bool isTls = draft.Mode == ListenMode.Tls;
        return new Listener
        {
            Name = draft.Section.Name,
            Mode = draft.Mode ?? ListenMode.Tcp,
            Endpoints = draft.Endpoints,
            Names = isTls ? claims.Build(carried.By(draft), draft.Section.Name) : RouteTable.Empty,
            UnknownName = isTls ? actions.Choose(draft.Section, keys => keys.Action) : RouteAction.Reject,
            NoName = isTls ? actions.Choose(draft.Section, keys => keys.NoNameAction) : RouteAction.Reject,
            NotTls = isTls ? actions.Choose(draft.Section, keys => keys.NotTlsAction) : RouteAction.Reject,
            Backend = draft.Backend,
        };
    }

    private void CheckPurpose(List<PassthroughDraft> passthroughs, ActionResolver actions)
    {
        foreach (PassthroughDraft draft in passthroughs.Where(draft => !draft.HasNames && !actions.IsReferredTo(draft.Options)))
        {
            findings.Error(draft.Section,
                $"no name leads here and no action either: give it names, or write action = {draft.Section.Title} in [default], or remove it");
        }
    }
}
