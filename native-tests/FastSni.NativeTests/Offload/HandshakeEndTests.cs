using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using FastSni.Config;
using FastSni.Http;
using FastSni.NativeTests.Http;
using FastSni.NativeTests.Support;
using FastSni.Offload;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.NativeTests.Offload;

/// <summary>How a connection ends whose TLS was not agreed upon, on a whole server.</summary>
public sealed class HandshakeEndTests : IDisposable
{
    private readonly CertificateFolder _folder = new();
    private readonly ListLog _log = new();
    private readonly CertificateStore _store;
    private readonly TlsTerminator _terminator;

    public HandshakeEndTests()
    {
        _store = new CertificateStore(TimeProvider.System, Timeout.InfiniteTimeSpan, _log);
        _terminator = new TlsTerminator(_store, () => Loopback.Patience, _log);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    /// <summary>In TLS 1.3 the server looks at the client's certificate when the client may have sent its request already.</summary>
    [Fact]
    public async Task A_client_without_a_certificate_that_has_sent_its_request_gets_an_end_and_no_reset()
    {
        TlsIdentity site = _folder.WriteSite("site", new TestAuthority("root").Issue("site.example.org"), new TestAuthority("clients"));
        _store.Load([site], TlsIdentity.SelfSigned);
        await using TestServer server = await TestServer.StartAsync(exchange => Page.WriteAsync(exchange, 404), _terminator);
        (Socket client, TestLease lease) = await server.ConnectAsync(tls: site);
        using (client)
        {
            HoldingStream held = new(client);
            await using SslStream tls = new(held);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "site.example.org",
                EnabledSslProtocols = SslProtocols.Tls13,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            });
            // More than the server takes off its socket at once.
            await tls.WriteAsync(new byte[60_000]);
            client.SendAll(held.Held);
            Assert.NotEmpty(client.ReadToEnd());
        }
        await Eventually.IsTrueAsync(() => lease.IsReturned, "the lease is returned");
        Assert.Equal((CloseReason.Error, 1), (await EndAsync(server), _terminator.HandshakesFailed));
    }

    [Fact]
    public async Task A_handshake_that_stopping_cuts_short_is_drained()
    {
        _store.Load([], TlsIdentity.SelfSigned);
        TaskCompletionSource isBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TlsTerminator telling = new(_store, () => isBegun.TrySetResult() ? Loopback.Patience : TimeSpan.Zero, _log);
        await using TestServer server = await TestServer.StartAsync(exchange => Page.WriteAsync(exchange, 404), telling);
        (Socket client, TestLease lease) = await server.ConnectAsync();
        using (client)
        {
            await isBegun.Task.WaitAsync(Loopback.Patience);
            await server.StopAsync(CancellationToken.None).WaitAsync(Loopback.Patience);
            Assert.Empty(client.ReadToEnd());
        }
        Assert.True(lease.IsReturned);
        Assert.Equal((CloseReason.Drained, 0), (await EndAsync(server), telling.HandshakesTimedOut));
    }

    [Fact]
    public async Task A_handshake_that_takes_too_long_is_hello_timeout()
    {
        _store.Load([], TlsIdentity.SelfSigned);
        TlsTerminator hasty = new(_store, () => TimeSpan.FromMilliseconds(50), _log);
        await using TestServer server = await TestServer.StartAsync(exchange => Page.WriteAsync(exchange, 404), hasty);
        using Socket client = (await server.ConnectAsync()).Client;
        Assert.Empty(client.ReadToEnd());
        Assert.Equal(CloseReason.HelloTimeout, await EndAsync(server));
    }

    private static async Task<CloseReason> EndAsync(TestServer server)
    {
        SessionRecord record = default;
        await Eventually.IsTrueAsync(() => server.TryTake(out record), "the line is there");
        return record.End;
    }

    /// <summary>Lets the first write, the hello, through and holds the others back, so that they can be sent as one.</summary>
    private sealed class HoldingStream(Socket socket) : NetworkStream(socket)
    {
        private readonly List<byte> _held = [];
        private bool _helloIsSent;

        internal byte[] Held => [.. _held];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_helloIsSent)
            {
                _held.AddRange(buffer.Span);
                return default;
            }
            _helloIsSent = true;
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
