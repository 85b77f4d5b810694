using System.Net.Sockets;
using FastSni.Config;
using Microsoft.Extensions.Logging;

namespace FastSni.Operations;

/// <summary>
/// What is served at `[admin] address`: the ban list over HTTP/1.1, one Kestrel for each address.
/// A page in a browser can be made to send requests here (another site's form, or a host name that is turned to this address), but it can't change
/// anything: every change needs the token, which no browser sends by itself, and no answer allows another origin to send the header for it.
/// So the Host header is of no account.
/// </summary>
public sealed class AdminServer : IAsyncDisposable
{
    private readonly Dictionary<ListenEndpoint, AdminListener> _listeners = [];
    private readonly SemaphoreSlim _applying = new(1);
    private readonly AdminAccess _access;
    private readonly AdminApplication _application;
    private readonly AdminEvents _events;
    private readonly ILoggerFactory _kestrelLogs;

    /// <param name="log">The room's own messages.</param>
    /// <param name="kestrelLogs">Kestrel's.</param>
    public AdminServer(IBanControl bans, TimeProvider time, ILogger log, ILoggerFactory kestrelLogs)
    {
        _kestrelLogs = kestrelLogs;
        _events = new AdminEvents(time, log);
        _access = new AdminAccess(time, _events);
        _application = new AdminApplication(new BanPages(bans, _access, time, _events), _access, _events);
    }

    public AdminCounters Counters => _events.Counters;

    /// <summary>
    /// Brings the server to what the options say; the first call starts it. Addresses that stay keep their sockets and connections, `allow` and `token-file` hold
    /// from the next request on.
    /// </summary>
    /// <returns>A sentence for each address that could not be opened; the others are served, and the next call tries again.</returns>
    public async Task<IReadOnlyList<string>> ApplyAsync(AdminOptions options)
    {
        await _applying.WaitAsync();
        try
        {
            _access.Options = options;
            // First what goes: `:9180` can't be opened beside `127.0.0.1:9180`.
            foreach (ListenEndpoint gone in _listeners.Keys.Except(options.Endpoints).ToArray())
                await CloseAsync(gone);
            List<string> errors = [];
            foreach (ListenEndpoint added in options.Endpoints.Except(_listeners.Keys).ToArray())
                await OpenAsync(added, errors);
            return errors;
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>Closes every address; requests in flight have two seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        await _applying.WaitAsync();
        foreach (ListenEndpoint endpoint in _listeners.Keys.ToArray())
            await CloseAsync(endpoint);
        _applying.Dispose();
    }

    private async Task OpenAsync(ListenEndpoint endpoint, List<string> errors)
    {
        try
        {
            _listeners[endpoint] = await AdminListener.OpenAsync(endpoint, new AdminDoor(_access, _events), _application, _kestrelLogs);
        }
        catch (SocketException failure) when (endpoint.IsOptional && failure.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
        {
            // A machine without IPv6 serves IPv4 alone.
        }
        catch (SocketException failure)
        {
            errors.Add($"[admin] address: {endpoint} can't be opened: {failure.Message}");
        }
    }

    private async Task CloseAsync(ListenEndpoint endpoint)
    {
        _listeners.Remove(endpoint, out AdminListener? listener);
        await listener!.CloseAsync();
    }
}
