using FastSni.Config;

namespace FastSni.NativeTests.Support;

/// <summary>Gateways whose clients with a server name go through the side door.</summary>
internal static class OffloadGateway
{
    private static readonly OffloadSection App = new() { Name = "app", Index = 0, Backend = new HttpBackendOptions { Servers = [] }, Tls = TlsIdentity.SelfSigned };

    /// <param name="setup">Its sections must be none.</param>
    internal static Task<TestGateway> StartAsync(Setup? setup = null, int workers = 1)
    {
        Snapshot snapshot = (setup ?? new Setup()).Snapshot;
        return TestGateway.StartAsync(snapshot with { Listeners = [snapshot.Listeners[0] with { UnknownName = RouteAction.To(App) }], Sections = [App] }, workers);
    }
}
