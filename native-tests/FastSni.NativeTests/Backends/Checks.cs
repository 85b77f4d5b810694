using FastSni.Backends;
using FastSni.Config;
using FastSni.NativeTests.Support;

namespace FastSni.NativeTests.Backends;

/// <summary>Single checks of a server that the test plays.</summary>
internal static class Checks
{
    internal static HealthCheckOptions Often(HealthCheckKind kind, string? name = null) => new(kind, TimeSpan.FromMilliseconds(100), name, "/health?full=1");

    internal static HealthTarget Target(int port, HealthCheckKind kind, string? name = null) => Target(Setup.Server(port), kind, name);

    internal static HealthTarget Target(ServerAddress server, HealthCheckKind kind, string? name = null) =>
        // An interval of a minute: the check has its full five seconds.
        new(new Server(server), Often(kind, name) with { Interval = TimeSpan.FromMinutes(1) }, server.Port ?? 0);

    /// <summary>With the least time a check can have.</summary>
    internal static HealthTarget Hurried(this HealthTarget target) => target with { Check = target.Check with { Interval = HealthTarget.TimeoutMin } };

    /// <returns>null = well.</returns>
    internal static Task<string?> RunAsync(this HealthTarget target) => HealthProbe.RunAsync(target, TimeProvider.System, CancellationToken.None);
}
