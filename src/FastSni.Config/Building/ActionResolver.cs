using FastSni.Config.Ini;
using FastSni.Config.Rules;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>Turns what the action keys say into sections, and remembers which sections they refer to.</summary>
internal sealed class ActionResolver
{
    private readonly Findings _findings;
    private readonly Dictionary<string, RouteAction> _byLabel;
    private readonly Dictionary<Key, RouteAction> _defaults = [];
    private readonly HashSet<RouteAction> _referred = new(ReferenceEqualityComparer.Instance);

    public ActionResolver(IniTree tree, IEnumerable<RouteSection> sections, Findings findings)
    {
        _findings = findings;
        _byLabel = sections.ToDictionary(section => section.Label, RouteAction.To, StringComparer.OrdinalIgnoreCase);
        // Also those that every listener overrides: a reference to nothing is an error wherever it stands.
        IniSection section = tree.Single(DefaultKeys.Kind);
        foreach (Key<ActionChoice> key in DefaultKeys.Actions.All)
            _defaults.Add(key, Resolve(section, key));
    }

    /// <param name="section">One of those given.</param>
    public bool IsReferredTo(RouteSection section) => _referred.Contains(_byLabel[section.Label]);

    /// <summary>The listener's own choice, else [default]'s.</summary>
    public RouteAction Choose(IniSection listener, Func<ActionKeys, Key<ActionChoice>> choice)
    {
        Key<ActionChoice> own = choice(ListenKeys.Actions);
        return listener.Has(own) ? Resolve(listener, own) : _defaults[choice(DefaultKeys.Actions)];
    }

    private RouteAction Resolve(IniSection section, Key<ActionChoice> key)
    {
        if (section.Get(key) is not { Kind: { } kind } choice)
            return RouteAction.Reject;
        if (choice.SectionName is not { } name)
            return RouteAction.Offload;
        string prefix = kind.Name + ":";
        if (!_byLabel.TryGetValue(prefix + name, out RouteAction? action))
        {
            IEnumerable<string> known = _byLabel.Keys.Where(label => label.StartsWith(prefix, StringComparison.Ordinal)).Select(label => label[prefix.Length..]);
            string suggestion = Spelling.Suggest(name, known);
            string remedy = suggestion.Length > 0 ? suggestion : ": write one, or reject";
            _findings.Error(section, key, $"there is no section [{prefix}{name}]{remedy}");
            return RouteAction.Reject;
        }
        _referred.Add(action);
        return action;
    }
}
