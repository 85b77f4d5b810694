using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using FastSni.Config;
using FastSni.Http;
using FastSni.Http80;
using FastSni.NativeTests.Support;
using FastSni.Offload;

namespace FastSni.NativeTests.Http;

/// <summary>
/// An HTTP room as the gateway has it, in front of a backend that allocates nothing. Its clients live on the caller's thread alone, so that what other threads
/// allocate is the room's.
/// </summary>
internal sealed class CostRoom : IAsyncDisposable
{
    internal const string Host = "app.example.org";

    internal const int AnswerBytes = 1024;

    private readonly QuietEcho _backend = new(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {AnswerBytes}\r\n\r\n{new string('a', AnswerBytes)}"));
    private readonly ListLog _log = new();
    private readonly CertificateStore _certificates;
    private readonly SocketLoops _loops = new();
    private readonly Forwarder _forwarder;
    private TestServer? _server;

    private CostRoom() =>
        (_certificates, _forwarder) = (new CertificateStore(TimeProvider.System, Timeout.InfiniteTimeSpan, _log), new Forwarder(_log, _loops));

    private TestServer Server => _server!;

    internal static async Task<CostRoom> OpenAsync(ListenMode mode)
    {
        CostRoom room = new();
        Snapshot snapshot = new Setup { Mode = mode, Options = new GatewayOptions { MaxNewSessionsPerClient = 1_000_000 } }.Snapshot;
        OffloadSection site = new()
        {
            Name = "app", Index = 0, Backend = new HttpBackendOptions { Servers = [Setup.Server(room._backend.Endpoint.Port)] }, Tls = TlsIdentity.SelfSigned,
        };
        snapshot = snapshot with { Listeners = [snapshot.Listeners[0] with { Names = RouteTable.Create((Host, 0)) }], Sections = [site] };
        room._certificates.Load([], TlsIdentity.SelfSigned);
        IRequestHandler handler = mode == ListenMode.Http ? new PlainHandler(room._forwarder) : new SiteHandler(room._forwarder);
        TlsTerminator? tls = mode == ListenMode.Http ? null : new TlsTerminator(room._certificates, () => Loopback.Patience, room._log);
        room._server = await TestServer.StartAsync(handler, tls, HttpLimits.Default, snapshot);
        return room;
    }

    /// <summary>A connection, with its handshake done where the room ends TLS.</summary>
    internal Stream Connect(SslApplicationProtocol? protocol = null)
    {
        (Socket socket, _) = Server.Connect(serverName: Encoding.ASCII.GetBytes(Host));
        NetworkStream plain = new(socket, ownsSocket: true);
        if (protocol is null)
            return plain;
        SslStream stream = new(plain);
        stream.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = Host,
            ApplicationProtocols = [protocol.Value],
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        return stream;
    }

    /// <summary>Sends a request and reads its answer, which ends with this.</summary>
    internal static void Ask(Stream stream, byte[] request, ReadOnlySpan<byte> end, byte[] buffer)
    {
        stream.Write(request);
        int got = 0;
        while (!buffer.AsSpan(0, got).EndsWith(end))
        {
            int count = stream.Read(buffer, got, buffer.Length - got);
            if (count == 0)
                throw new EndOfStreamException($"The answer ended early: {Encoding.ASCII.GetString(buffer, 0, got)}");
            got += count;
        }
    }

    /// <summary>Takes the lines of the log, as its writer would.</summary>
    internal void Forget()
    {
        while (Server.TryTake(out Telemetry.RequestRecord _))
            continue;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _forwarder.Dispose();
        _certificates.Dispose();
        _loops.Dispose();
        _backend.Dispose();
    }
}
