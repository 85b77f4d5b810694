using FastSni.Backends;
using FastSni.Bans;
using FastSni.Operations;
using FastSni.Passthrough;
using FastSni.Telemetry;
using FastSni.Wire;

namespace FastSni.Hosting;

/// <summary>Answers what operators ask over the control socket and the admin address.</summary>
internal sealed class GatewayControl(
    Func<StatusReport> status, ConfigInForce config, Gateway gateway, ServerRegistry servers, BanDesk bans, Requests requests) : IGatewayControl
{
    public StatusReport Status() => status();

    public async Task<SessionsReport> SessionsAsync(int sessionsMax)
    {
        SessionList list = await gateway.ListSessionsAsync(sessionsMax);
        return new SessionsReport([.. list.Sessions.Select(Report)], list.Total);
    }

    public async Task<string?> CloseAsync(long sessionId) =>
        await gateway.CloseSessionAsync(sessionId) ? null : $"there is no session {sessionId}: `fastsni sessions` lists those that are open";

    public Task<ReloadReport> ReloadAsync() => config.ReloadAsync();

    public Task<string?> UpgradeAsync() => requests.UpgradeAsync();

    public string? Drain(string target, bool isDraining) => config.IsFrozen ? ConfigInForce.FrozenSentence : servers.Drain(target, isDraining);

    public async Task<BanAnswer> BanAsync(AddressPrefix prefix, TimeSpan? duration, string reason) => bans.TryBan(prefix, duration, reason, out string? error)
        ? new BanAnswer(null, await gateway.CloseClientsAsync(prefix.Contains))
        : new BanAnswer(error, 0, IsForNow: bans.IsFrozen);

    public Task<string?> UnbanAsync(AddressPrefix prefix) => Task.FromResult(bans.TryUnban(prefix, out string? error) ? null : error);

    public IReadOnlyList<BanEntry> Bans() =>
        [.. bans.List().Select(ban => new BanEntry(ban.Prefix.ToString(), ban.Reason, ban.Since, ban.Until, ban.IsFromFile))];

    private static SessionReport Report(SessionView view) => new(
        view.Id, view.Listener, view.Client.ToString(), AccessLogFormatter.Escape(view.Name), view.Route,
        view.BackendPath ?? (view.Backend.IsNone ? "" : view.Backend.ToString()), view.Phase, view.AgeMicros / 1e6, view.UpBytes, view.DownBytes);
}
