using System.Diagnostics;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.NativeTests.Support;

/// <summary>What a gateway says of its sessions.</summary>
internal static class SessionLists
{
    /// <summary>All of them, the oldest first.</summary>
    internal static async Task<IReadOnlyList<SessionView>> ListAsync(this TestGateway gateway) => (await gateway.Gateway.ListSessionsAsync(10_000)).Sessions;

    /// <summary>Asks until the list shows what is looked for.</summary>
    /// <param name="find">null = not yet.</param>
    internal static async Task<T> ShowsAsync<T>(this TestGateway gateway, Func<IReadOnlyList<SessionView>, T?> find)
        where T : class
    {
        long start = Stopwatch.GetTimestamp();
        T? found;
        while ((found = find(await gateway.ListAsync())) is null)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Loopback.Patience, "the list never showed it");
            await Task.Delay(2);
        }
        return found;
    }

    /// <summary>Waits until a session is in this phase.</summary>
    internal static Task<SessionView> ShowsPhaseAsync(this TestGateway gateway, string phase) =>
        gateway.ShowsAsync(list => list.FirstOrDefault(view => view.Phase == phase));
}
