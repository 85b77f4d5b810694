using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config.Building;

/// <summary>
/// Which listener carries which sections' names. A tls listener: every section whose `listen` names it or is left out. An http listener: the same, and
/// the sections it belongs to although their `listen` names no http listener: a web site's other half.
/// </summary>
internal sealed class ListenerNames
{
    private const int HttpsPort = 443;

    private readonly Dictionary<IniSection, bool[]> _carried = [];
    private readonly Findings _findings;

    public ListenerNames(List<ListenerDraft> listeners, List<SectionDraft> sections, Findings findings)
    {
        _findings = findings;
        foreach (ListenerDraft listener in listeners)
            _carried.Add(listener.Section, new bool[sections.Count]);
        Dictionary<string, ListenerDraft> byName = listeners.ToDictionary(draft => draft.Section.Name, StringComparer.OrdinalIgnoreCase);
        foreach (SectionDraft section in sections)
        {
            string[]? names = section.Section.TryGet(section.Listen, out string[]? written) ? written : null;
            List<ListenerDraft> named = names is null ? listeners : Find(section, names, byName);
            foreach (ListenerDraft listener in Carriers(section, named, listeners))
                _carried[listener.Section][section.Index] = true;
            if (names is null && section.HasNames && listeners.All(listener => listener.Mode == ListenMode.Tcp))
                findings.Warn(section.Section.Place, section.Section.Title, "", "no listener asks for names: these are never used without one of mode = tls");
        }
    }

    /// <summary>By the section's index: whether this listener carries its names.</summary>
    public bool[] By(ListenerDraft listener) => _carried[listener.Section];

    private static IEnumerable<ListenerDraft> Carriers(SectionDraft section, List<ListenerDraft> named, List<ListenerDraft> all)
    {
        ListenerDraft[] tls = [.. named.Where(IsTls)];
        ListenerDraft[] http = [.. named.Where(listener => listener.Mode == ListenMode.Http)];
        bool isWebSite = section.IsOffload || section.HasHttpBackend || Array.Exists(tls, IsHttps);
        return [.. tls, .. http.Length == 0 && isWebSite ? all.Where(listener => listener.Mode == ListenMode.Http) : http];
    }

    private List<ListenerDraft> Find(SectionDraft section, string[] names, Dictionary<string, ListenerDraft> byName)
    {
        List<ListenerDraft> found = [];
        int problems = 0;
        foreach (string name in names)
        {
            string? problem = !byName.TryGetValue(name, out ListenerDraft? listener)
                ? $"there is no section [listen:{name}]{Spelling.Suggest(name, byName.Keys)}"
                : listener.Mode == ListenMode.Tcp ? $"listener {name} is of mode = tcp, where there are no names: remove it from the list" : null;
            if (problem is null)
                found.Add(listener!);
            else
                Report(problem);
        }
        if (problems == 0 && !found.Exists(IsTls))
            Report("this names no tls listener: add one, or remove the key for every tls and every http listener");
        return found;

        void Report(string problem)
        {
            problems++;
            _findings.Error(section.Section, section.Listen, problem);
        }
    }

    // A listener whose mode is wrong may be meant for these names: its own error is enough.
    private static bool IsTls(ListenerDraft listener) => listener.Mode is ListenMode.Tls or null;

    private static bool IsHttps(ListenerDraft listener) => listener.Endpoints.Any(endpoint => endpoint.Port == HttpsPort);
}
