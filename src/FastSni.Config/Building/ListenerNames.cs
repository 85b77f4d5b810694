using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>Which listener carries which sections' names: `listen`, or every tls listener.</summary>
internal sealed class ListenerNames
{
    private readonly Dictionary<IniSection, bool[]> _carried = [];
    private readonly Findings _findings;

    public ListenerNames(List<ListenerDraft> listeners, List<PassthroughDraft> passthroughs, Findings findings)
    {
        _findings = findings;
        Dictionary<string, ListenerDraft> byName = listeners.ToDictionary(draft => draft.Section.Name, StringComparer.OrdinalIgnoreCase);
        foreach (ListenerDraft listener in listeners)
            _carried.Add(listener.Section, new bool[passthroughs.Count]);
        foreach (PassthroughDraft passthrough in passthroughs)
        {
            if (passthrough.Section.TryGet(PassthroughKeys.Listen, out string[]? names))
                CarryOn(passthrough, names, byName);
            else
                CarryEverywhere(passthrough, listeners);
        }
    }

    /// <summary>By the section's index: whether this listener carries its names.</summary>
    public bool[] By(ListenerDraft listener) => _carried[listener.Section];

    private void CarryEverywhere(PassthroughDraft passthrough, List<ListenerDraft> listeners)
    {
        // A listener whose mode is wrong may be meant for these names: its own error is enough.
        foreach (ListenerDraft listener in listeners.Where(listener => listener.Mode != ListenMode.Tcp))
            _carried[listener.Section][passthrough.Options.Index] = true;
        if (passthrough.HasNames && listeners.All(listener => listener.Mode == ListenMode.Tcp))
        {
            _findings.Warn(passthrough.Section.Place, passthrough.Section.Title, "",
                "no listener asks for names: these are never used without one of mode = tls");
        }
    }

    private void CarryOn(PassthroughDraft passthrough, string[] names, Dictionary<string, ListenerDraft> byName)
    {
        foreach (string name in names)
        {
            string? problem = !byName.TryGetValue(name, out ListenerDraft? listener)
                ? $"there is no section [listen:{name}]{Spelling.Suggest(name, byName.Keys)}"
                : listener.Mode == ListenMode.Tcp ? $"listener {name} is of mode = tcp, where there are no names: remove it from the list" : null;
            if (problem is null)
                _carried[listener!.Section][passthrough.Options.Index] = true;
            else
                _findings.Error(passthrough.Section, PassthroughKeys.Listen, problem);
        }
    }
}
