using System.Collections.Immutable;
using System.Net.Sockets;
using FastSni.Linux;
using Microsoft.Extensions.Logging;

namespace FastSni.Hosting.Upgrade;

/// <summary>The new side of an upgrade: what this process was handed at its start, and the word to its predecessor that it serves.</summary>
internal sealed class Inheritance : IDisposable
{
    private readonly ILogger _log;
    private readonly Socket? _channel;
    private readonly int? _predecessor;

    private Inheritance(ImmutableArray<ListenSocket> sockets, ImmutableArray<string> drains, Socket? channel, int? predecessor, ILogger log) =>
        (Sockets, Drains, _channel, _predecessor, _log) = (sockets, drains, channel, predecessor, log);

    /// <summary>Listening sockets, from a predecessor or from systemd; whoever is given them owns them.</summary>
    internal ImmutableArray<ListenSocket> Sockets { get; }

    /// <summary>What an operator had drained in the predecessor, as `SECTION/ADDRESS`.</summary>
    internal ImmutableArray<string> Drains { get; }

    /// <summary>The process that this one replaces; null: none.</summary>
    internal int? Predecessor => _predecessor;

    /// <summary>Takes up what there is, and removes its names from the environment.</summary>
    internal static Inheritance Take(ILogger log)
    {
        InheritedDescriptors given = InheritedDescriptors.Read();
        string[] drains = given.Predecessor is null ? [] : Handshake.ReadDrains(Environment.GetEnvironmentVariable(Handshake.DrainsVariable));
        foreach (string name in InheritedDescriptors.Variables.Add(Handshake.DrainsVariable))
            Environment.SetEnvironmentVariable(name, null);
        if (given.Problem is { } problem)
            Log.NotInherited(log, problem);
        List<ListenSocket> sockets = [];
        foreach (Fd descriptor in given.Sockets)
        {
            if (ListenSocket.TryAdopt(descriptor) is { } socket)
                sockets.Add(socket);
            else
            {
                // Not closed: who handed it over may have meant something by it.
                Inheritable.Withhold(descriptor);
                Log.NoListeningSocket(log, descriptor.Number);
            }
        }
        if (sockets.Count > 0)
            Log.Inherited(log, sockets.Count, given.Predecessor is { } id ? $"process {id}" : "systemd");
        Socket? channel = given.Channel.IsOpen && LocalPair.TryAdopt(given.Channel) ? new Socket(new SafeSocketHandle(given.Channel.Number, ownsHandle: true)) : null;
        return new Inheritance([.. sockets], [.. drains], channel, given.Predecessor, log);
    }

    /// <summary>
    /// Tells the predecessor, if there is one, that this process serves, and waits until systemd knows this one as the service's main process: before that
    /// it would not listen to us (NotifyAccess=main). The predecessor answers who asked for the upgrade at <see cref="Dispose"/>: by then operators have to be
    /// able to reach this process.
    /// </summary>
    internal async Task AnnounceAsync()
    {
        if (_channel is null)
            return;
        try
        {
            using CancellationTokenSource limit = new(Handshake.AnswerTimeout);
            await _channel.SendAsync(Handshake.Ready, limit.Token);
            if (await _channel.ReceiveAsync(new byte[1], limit.Token) == 1)
                return;
            Log.PredecessorGone(_log, _predecessor ?? 0);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            // It is stuck or gone: the clients are served all the same.
            Log.PredecessorGone(_log, _predecessor ?? 0);
        }
    }

    public void Dispose() => _channel?.Dispose();
}
