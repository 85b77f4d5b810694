using System.Net;
using System.Net.Sockets;
using FastSni.Wire;
using Microsoft.Extensions.Logging;

namespace FastSni.Backends;

/// <summary>Looks backend host names up, off the loop.</summary>
public static class Resolver
{
    /// <summary>Runs until stopped: every name again each interval. The interval is asked for anew, since a reload may change it.</summary>
    public static async Task RunAsync(ServerRegistry servers, Func<TimeSpan> interval, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(interval(), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stop.IsCancellationRequested)
                await servers.ResolveAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    internal static async Task ResolveAsync(Server server, ILogger log, CancellationToken stop)
    {
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(server.Config.Host, stop).ConfigureAwait(false);
            IpEndpoint[] addresses = [.. found.Select(address => IpEndpoint.Create(address, server.Config.Port ?? 0)).Distinct()];
            if (server.SetAddresses(addresses))
                Log.Resolved(log, server.Config.Host, string.Join(' ', found.Select(address => address.ToString())));
        }
        catch (SocketException failure)
        {
            Log.NotResolved(log, server.Config.Host, failure.SocketErrorCode, server.IsReachable ? "keeping the last good answer" : "its sessions end with no-backend");
        }
        catch (OperationCanceledException)
        {
            // The gateway is stopping.
        }
    }
}
