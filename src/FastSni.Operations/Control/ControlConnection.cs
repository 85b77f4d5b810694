using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace FastSni.Operations;

/// <summary>One client of the control socket: a line, its answer, the next line.</summary>
/// <param name="stop">Ends it between two requests; one that is being done is still answered.</param>
internal sealed class ControlConnection(
    Socket client, PeerCredentials own, ControlDesk desk, ControlLimits limits, ControlCounters counters, ControlRefusals refusals, ILogger log, CancellationToken stop)
{
    private readonly PeerCredentials _peer = PeerCredentials.Of(client);
    private readonly ControlLines _lines = new(client, limits.LineBytesMax);

    /// <summary>Owns the socket from here on. Never throws.</summary>
    public async Task ServeAsync()
    {
        // Off the socket's thread, which may be the one that serves HTTP.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            while (await ServeNextAsync())
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            // The client has left, or the gateway stops.
        }
        catch (Exception fault)
        {
            Log.ControlFault(log, "a connection", fault);
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task<bool> ServeNextAsync()
    {
        switch (await ReadLineAsync())
        {
            case ControlLineStatus.Whole:
                return await AnswerAsync(_lines.Line);
            case ControlLineStatus.TooLong:
                return await RefuseAsync(ControlRefusal.LineTooLong, $"the line is longer than {limits.LineBytesMax} bytes") && false;
            case ControlLineStatus.Unfinished:
                return await RefuseAsync(ControlRefusal.Malformed, "the last line has no line feed") && false;
            default:
                return false;
        }
    }

    private async Task<ControlLineStatus> ReadLineAsync()
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(limits.IdleTimeout);
        try
        {
            return await _lines.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            refusals.Add(ControlRefusal.Idle, _peer, $"no request within {limits.IdleTimeout.TotalSeconds} s");
            return ControlLineStatus.Ended;
        }
    }

    private async Task<bool> AnswerAsync(ReadOnlyMemory<byte> line)
    {
        // The continuation of a read is on the socket's thread again.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (ControlRequestReader.Read(line, out ControlRequest request) is { } problem)
            return await RefuseAsync(ControlRefusal.Malformed, problem);
        counters.CountRequest();
        if (ControlPermission.Refuse(request.Command, _peer.User, own.User) is { } reason)
            return await RefuseAsync(ControlRefusal.NotPermitted, reason);
        // Many who may only look, and read slowly, must not fill the memory. Nor must root wait for them.
        bool isList = request.Command is ControlCommand.Bans or ControlCommand.Sessions;
        using IDisposable? place = isList && !ControlPermission.MayChange(_peer.User, own.User) ? await desk.EnterListsAsync(stop) : null;
        ControlAnswer answer = await desk.AnswerAsync(request);
        if (ControlCommandShape.Of(request.Command).IsChange)
        {
            string outcome = answer.Error is null ? "done" : TerminalText.Escape(answer.Error);
            Log.ControlChange(log, request.Command, _peer.User, _peer.ProcessId, outcome);
        }
        return await TrySendAsync(answer);
    }

    private Task<bool> RefuseAsync(ControlRefusal refusal, string sentence)
    {
        refusals.Add(refusal, _peer, sentence);
        return TrySendAsync(ControlAnswer.Refused(sentence));
    }

    private async Task<bool> TrySendAsync(ControlAnswer answer)
    {
        using CancellationTokenSource patience = new(limits.AnswerTimeout);
        await using NetworkStream stream = new(client, ownsSocket: false);
        try
        {
            await JsonSerializer.SerializeAsync(stream, answer, ControlJson.Default.ControlAnswer, patience.Token);
            await stream.WriteAsync("\n"u8.ToArray(), patience.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            refusals.Add(ControlRefusal.AnswerNotTaken, _peer, $"an answer was not read within {limits.AnswerTimeout.TotalSeconds} s");
            return false;
        }
    }
}
