using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>What happens to clients no name decides about: keys of [default], which a tls listener may set for itself.</summary>
internal sealed class ActionKeys(SectionKind kind, bool hasDefaults)
{
    /// <summary>A name no section has.</summary>
    public Key<ActionChoice> Action { get; } = kind.Key("action", hasDefaults ? "offload" : null, new ActionRule());

    public Key<ActionChoice> NoNameAction { get; } = kind.Key("no-name-action", hasDefaults ? "offload" : null, new ActionRule());

    public Key<ActionChoice> NotTlsAction { get; } =
        kind.Key("not-tls-action", hasDefaults ? "reject" : null, new ActionRule { MayOffload = false });

    public IEnumerable<Key<ActionChoice>> All => [Action, NoNameAction, NotTlsAction];
}
