using System.Security.Authentication;
using FastSni.Handoff;
using FastSni.Telemetry;

namespace FastSni.Http;

/// <summary>What a connection passes through on its way to HTTP and back: TLS at the beginning, an end in order.</summary>
internal sealed class ConnectionDoor(KestrelAnchor kestrel, ITlsTerminator? tls, HttpServices services)
{
    internal async Task RunAsync(HandoffConnection connection)
    {
        try
        {
            connection.Open(tls is null ? null : await tls.AuthenticateAsync(connection.Raw, connection.Client, connection.CloseRequested));
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException or OperationCanceledException)
        {
            // Where somebody asked for the end, the lease sees to the line.
            if (!connection.Client.Lease.IsCloseRequested)
                Record(connection.Client, ReasonOf(failure, connection));
            // In TLS 1.3 a client is refused for its certificate when it may have sent its request already.
            if (failure is AuthenticationException)
                await connection.CloseAsync();
            return;
        }
        await kestrel.Http(connection);
        await connection.CloseAsync();
    }

    private static CloseReason ReasonOf(Exception failure, HandoffConnection connection)
    {
        if (failure is AuthenticationException)
            return CloseReason.Error;
        if (failure is IOException)
            return CloseReason.ClientReset;     // It left in the middle.
        return connection.CloseRequested.IsCancellationRequested ? CloseReason.Drained : CloseReason.HelloTimeout;
    }

    // A connection without a request has no line of its own, except where TLS was not agreed upon.
    private void Record(HandedOffClient client, CloseReason reason)
    {
        SessionRecord record = new()
        {
            EndedUtcTicks = TimeProvider.System.GetUtcNow().Ticks,
            Listener = client.Listener.Name,
            Client = client.Client,
            Route = client.Section?.Label ?? "-",
            ConnectMicros = -1,
            DurationMicros = Clock.Micros - client.AcceptedMicros,
            End = reason,
        };
        record.SetText(client.ServerName, client.AlpnList);
        services.Sessions.TryWrite(record);
    }
}
