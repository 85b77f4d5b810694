namespace FastSni.Operations;

/// <summary>What the control socket can ask of the running gateway; the host answers. Errors are sentences fit for an operator.</summary>
public interface IGatewayControl : IBanControl
{
    StatusReport Status();

    /// <summary>Sessions open now, of every room, the oldest first.</summary>
    /// <param name="sessionsMax">The report holds no more.</param>
    Task<SessionsReport> SessionsAsync(int sessionsMax);

    /// <returns>Why not, or null.</returns>
    Task<string?> CloseAsync(long sessionId);

    Task<ReloadReport> ReloadAsync();

    /// <summary>Answers when the new process serves, or has failed to.</summary>
    /// <returns>Why not, or null.</returns>
    Task<string?> UpgradeAsync();

    /// <param name="target">`SECTION[/ADDRESS]` as in the file: `passthrough:yunohost/192.168.99.11:443`, `listen:smtp`; the section's kind may be left out.</param>
    /// <param name="isDraining">True: no new sessions; those that are open go on. False: takes that back.</param>
    /// <returns>Why not, or null.</returns>
    string? Drain(string target, bool isDraining);
}

/// <param name="Errors">Empty: the new configuration is in force.</param>
/// <param name="NeedUpgrade">Keys whose new values only an upgrade or a restart can apply; the rest is in force.</param>
public sealed record ReloadReport(IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings, IReadOnlyList<string> NeedUpgrade);
