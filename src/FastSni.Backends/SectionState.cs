using System.Collections.Immutable;

namespace FastSni.Backends;

/// <summary>A section's servers at one moment, those of `http-backend` behind those of `backend`.</summary>
/// <param name="Section">`passthrough:yunohost`, `listen:smtp`.</param>
public sealed record SectionState(string Section, ImmutableArray<ServerState> Servers);

/// <param name="Address">As in the file, without a URL's scheme.</param>
/// <param name="Active">Sessions and requests it carries, those of other sections with this server too.</param>
public sealed record ServerState(string Address, ServerCondition Condition, int Active);

public enum ServerCondition
{
    Up,
    /// <summary>A connect failed and none has worked since, or a health check calls it down.</summary>
    Down,
    /// <summary>In this section: no new sessions, the old may finish. Whatever else is known of it.</summary>
    Draining,
}
