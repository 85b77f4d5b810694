using FastSni.Config.Ini;
using FastSni.Config.Rules;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>Turns what the action keys say into sections, and remembers which sections they refer to.</summary>
internal sealed class ActionResolver
{
    private readonly Findings _findings;
    private readonly Dictionary<string, RouteAction> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<Key, RouteAction> _defaults = [];
    private readonly HashSet<RouteSection> _referred = [];
    private readonly IniSection _default;

    public ActionResolver(IniTree tree, IEnumerable<PassthroughDraft> passthroughs, Findings findings)
    {
        _findings = findings;
        _default = tree.Single(DefaultKeys.Kind);
        foreach (PassthroughDraft draft in passthroughs)
            _byName.Add(draft.Options.Name, RouteAction.To(draft.Options));
        // Also those that every listener overrides: a reference to nothing is an error wherever it stands.
        foreach (Key<ActionChoice> key in DefaultKeys.Actions.All.Where(key => _default.Has(key)))
            _defaults.Add(key, Resolve(_default, key));
    }

    public bool IsReferredTo(PassthroughSection section) => _referred.Contains(section);

    /// <summary>The listener's own choice, else [default]'s.</summary>
    public RouteAction Choose(IniSection listener, Func<ActionKeys, Key<ActionChoice>> choice)
    {
        Key<ActionChoice> own = choice(ListenKeys.Actions);
        return listener.Has(own) ? Resolve(listener, own) : ChooseDefault(choice(DefaultKeys.Actions));
    }

    private RouteAction ChooseDefault(Key<ActionChoice> key)
    {
        if (!_defaults.TryGetValue(key, out RouteAction? action))
        {
            if (key.Read(null) is null)
                _findings.Error(_default, key, NotYet.DefaultAction(key.Name));
            _defaults[key] = action = RouteAction.Reject;
        }
        return action;
    }

    private RouteAction Resolve(IniSection section, Key<ActionChoice> key)
    {
        if (section.Get(key) is not { SectionName: { } name })
            return RouteAction.Reject;
        if (!_byName.TryGetValue(name, out RouteAction? action))
        {
            string suggestion = Spelling.Suggest(name, _byName.Keys);
            string remedy = suggestion.Length > 0 ? suggestion : ": write one, or reject";
            _findings.Error(section, key, $"there is no section [passthrough:{name}]{remedy}");
            return RouteAction.Reject;
        }
        _referred.Add(action.Section!);
        return action;
    }
}
