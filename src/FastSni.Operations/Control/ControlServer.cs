using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace FastSni.Operations;

/// <summary>
/// The control socket: takes clients, and lets each be served beside the others. Nothing a client does ends it, and none of its work
/// is done on a thread that serves traffic.
/// </summary>
public sealed class ControlServer : IAsyncDisposable
{
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly ControlLimits _limits;
    private readonly ControlDesk _desk;
    private readonly ControlRefusals _refusals;
    private readonly Func<string, FileIdentity?> _identify;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _connections = [];      // The accept loop's alone.
    private ControlSocketFile? _file;
    private Task _accepting = Task.CompletedTask;

    /// <param name="identify">Device and inode of what a path leads to.</param>
    public ControlServer(IGatewayControl gateway, Func<string, FileIdentity?> identify, TimeProvider time, ILogger log)
        : this(gateway, identify, time, log, new ControlLimits())
    {
    }

    internal ControlServer(IGatewayControl gateway, Func<string, FileIdentity?> identify, TimeProvider time, ILogger log, ControlLimits limits)
    {
        (_identify, _log, _limits) = (identify, log, limits);
        _desk = new ControlDesk(gateway, log);
        _refusals = new ControlRefusals(Counters, time, log);
    }

    public ControlCounters Counters { get; } = new();

    /// <summary>Listens and serves. To be called once more only after a failure.</summary>
    /// <param name="predecessor">The id of the process that this one replaces: its socket is taken over. Any other live one is not.</param>
    /// <returns>Why not, as a sentence that begins with the path, or null.</returns>
    public string? TryStart(string path, int? predecessor = null)
    {
        if (ControlSocketFile.TryOpen(path, predecessor, _identify, out _file) is { } error)
            return error;
        _accepting = AcceptAsync(_file!);
        return null;
    }

    /// <summary>A successor serves, and takes the path over in its own time: it is not removed at the end.</summary>
    public void LeavePath() => _file?.LeavePath();

    /// <summary>Removes the file if it is still this server's, and closes what is idle; what is being done may take 5 s to be answered.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _file?.Dispose();
        await _accepting;
        // A command that takes longer goes on, and its answer goes nowhere.
        await Task.WhenAny(Task.WhenAll(_connections), Task.Delay(_limits.StopTimeout));
    }

    private async Task AcceptAsync(ControlSocketFile file)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Take(await file.Listener.AcceptAsync(_stop.Token), file.Owner);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException exception)
            {
                // Out of descriptors, mostly. While stopping: the listening socket is closed.
                Log.ControlAcceptFails(_log, exception.SocketErrorCode);
                await Task.Delay(AcceptPause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Take(Socket client, PeerCredentials own)
    {
        _connections.RemoveAll(connection => connection.IsCompleted);
        PeerCredentials peer = PeerCredentials.Of(client);
        int places = _limits.ConnectionsMax - (ControlPermission.MayChange(peer.User, own.User) ? 0 : _limits.ConnectionsKept);
        if (_connections.Count < places)
            _connections.Add(new ControlConnection(client, own, _desk, _limits, Counters, _refusals, _log, _stop.Token).ServeAsync());
        else
            SendAway(client, peer, $"{places} connections are open already: try again when one has ended");
    }

    private void SendAway(Socket client, PeerCredentials peer, string sentence)
    {
        using (client)
        {
            _refusals.Add(ControlRefusal.TooManyConnections, peer, sentence);
            client.Blocking = false;
            try
            {
                client.Send([.. JsonSerializer.SerializeToUtf8Bytes(ControlAnswer.Refused(sentence), ControlJson.Default.ControlAnswer), (byte)'\n']);
            }
            catch (SocketException)
            {
                // It has left already: no reason to stop accepting for a moment.
                return;
            }
        }
    }
}
