using FastSni.Config;
using FastSni.Handoff;
using FastSni.Http;

namespace FastSni.Hosting;

/// <summary>
/// The rooms behind the side door. A server is started for the first client that needs one, so that a gateway that only forwards never loads HTTP.
/// </summary>
/// <param name="createServer">An HTTP server with these limits, for tls listeners or for http ones.</param>
internal sealed class HttpRooms(HandoffQueue clients, Func<ListenMode, HttpLimits, HttpServer> createServer)
{
    private readonly Dictionary<(ListenMode Mode, HttpLimits Limits), HttpServer> _servers = [];
    private Task _running = Task.CompletedTask;

    internal void Start() => _running = RunAsync();

    /// <summary>Takes no more clients, lets requests in flight finish, and closes the connections behind them.</summary>
    /// <param name="hurry">Cuts what is left.</param>
    internal async Task StopAsync(CancellationToken hurry)
    {
        clients.Close();
        await _running;
        await Task.WhenAll(_servers.Values.Select(server => server.StopAsync(hurry)));
        foreach (HttpServer server in _servers.Values)
            server.Dispose();
        _servers.Clear();
    }

    private async Task RunAsync()
    {
        await foreach (HandedOffClient client in clients.TakeAllAsync())
        {
            HttpServer server = await FindAsync(client.Listener.Mode, client.Section?.Limits ?? HttpLimits.Default);
            await server.PostAsync(client);
        }
    }

    private async ValueTask<HttpServer> FindAsync(ListenMode mode, HttpLimits limits)
    {
        if (_servers.TryGetValue((mode, limits), out HttpServer? known))
            return known;
        HttpServer server = createServer(mode, limits);
        await server.StartAsync();
        _servers.Add((mode, limits), server);
        return server;
    }
}
