using System.Collections.Immutable;
using FastSni.Config;
using FastSni.Handoff;
using FastSni.Http;

namespace FastSni.Offload;

/// <summary>Who answers a request on a connection whose TLS ended here (product rule "Sites").</summary>
/// <param name="Section">null = the gateway itself, with the status.</param>
/// <param name="Status">0 where there is a section.</param>
internal readonly record struct SiteChoice(OffloadSection? Section, int Status)
{
    /// <param name="listener">As it is in the plan; one that is not there any more answers 421, which sends the client to a new connection.</param>
    /// <param name="host">In canonical form.</param>
    public static SiteChoice Make(HttpPlan plan, Listener listener, HandedOffClient client, string host, RequestTarget target)
    {
        if (!plan.Has(listener))
            return Refuse(421);
        // The connection's section is of the snapshot it began with: only its identity can be compared with the present one's.
        TlsIdentity identity = client.Tls;
        DefaultSite defaultSite = plan.Snapshot.DefaultSite;
        bool hasServerName = client.ServerName.Length > 0;
        ImmutableArray<int> places = HttpPlan.FindAll(listener, host);
        if (places.IsEmpty)
        {
            RouteAction action = hasServerName ? listener.UnknownName : listener.NoName;
            if (action.Section is not OffloadSection)
                return Refuse(identity == defaultSite.Tls ? defaultSite.Status : 421);
            places = [action.Section.Index];
        }
        else if (!hasServerName)
        {
            return Refuse(421);
        }
        ImmutableArray<RouteSection> sections = plan.Snapshot.Sections;
        foreach (int place in places)
        {
            if (sections[place] is not OffloadSection section || section.Tls != identity)
                return Refuse(421);
        }
        return ByPath(places, sections, target);
    }

    /// <summary>
    /// The section with the longest path that covers the target: 404 where none does. A target that a backend could read as another section's is answered
    /// 400, whichever of the two the client is after: `/public/..%2fadmin`, `/public/..;/admin`, `/admin;x`.
    /// </summary>
    internal static SiteChoice ByPath(ImmutableArray<int> places, ImmutableArray<RouteSection> sections, RequestTarget target)
    {
        OffloadSection? section = Longest(places, sections, target.Path);
        bool hasPaths = places.Length > 1 || section is not { Path: "/" };
        if (hasPaths && !(RequestPath.TryRead(target.RawPath, isLoose: true, out string loose) && Longest(places, sections, loose) == section))
            return Refuse(400);
        return section is null ? Refuse(404) : new SiteChoice(section, 0);
    }

    private static OffloadSection? Longest(ImmutableArray<int> places, ImmutableArray<RouteSection> sections, string path)
    {
        OffloadSection? longest = null;
        foreach (int place in places)
        {
            if (sections[place] is OffloadSection section && RequestPath.IsUnder(path, section.Path) && section.Path.Length > (longest?.Path.Length ?? 0))
                longest = section;
        }
        return longest;
    }

    private static SiteChoice Refuse(int status) => new(null, status);
}
