using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FastSni.Config;
using FastSni.Handoff;
using FastSni.NativeTests.Http;
using FastSni.NativeTests.Support;
using FastSni.Offload;
using FastSni.Wire;

namespace FastSni.NativeTests.Offload;

/// <summary>Ends TLS on real sockets, one port a site, and answers every client with `served`, the protocol agreed upon, and an orderly end.</summary>
internal sealed class TlsRig : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _listeners = [];
    private readonly List<Task> _running = [];
    private readonly Listener _listener = new Setup { Mode = ListenMode.Http }.Snapshot.Listeners[0];

    internal TlsRig(TimeSpan? handshakeTimeout = null)
    {
        Store = new CertificateStore(TimeProvider.System, Timeout.InfiniteTimeSpan, Log);
        Terminator = new TlsTerminator(Store, () => handshakeTimeout ?? Loopback.Patience, Log);
    }

    internal ListLog Log { get; } = new();

    internal CertificateFolder Folder { get; } = new();

    internal CertificateStore Store { get; }

    internal TlsTerminator Terminator { get; }

    /// <summary>Opens a port for each site; null = the default site.</summary>
    internal int[] Serve(params TlsIdentity?[] sites)
    {
        Store.Load(sites.OfType<TlsIdentity>(), TlsIdentity.SelfSigned);
        return [.. sites.Select(Listen)];
    }

    /// <summary>Talks as a client until the end.</summary>
    /// <param name="options">Without trust: then any certificate will do.</param>
    /// <returns>What the server said and showed; null where the client was refused, whichever side noticed first.</returns>
    internal async Task<(string Text, X509Certificate2 Shown)?> TalkAsync(int port, SslClientAuthenticationOptions? options = null, Func<Stream, Stream>? wrap = null)
    {
        using Socket socket = Loopback.NewSocket();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        Stream transport = new NetworkStream(socket);
        await using SslStream stream = new(wrap?.Invoke(transport) ?? transport);
        options ??= new SslClientAuthenticationOptions();
        options.TargetHost ??= "site.example.org";
        options.AllowTlsResume = false;
        if (options.CertificateChainPolicy is null)
            options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        using CancellationTokenSource patience = new(Loopback.Patience);
        try
        {
            await stream.AuthenticateAsClientAsync(options, patience.Token);
            string text = await new StreamReader(stream, Encoding.ASCII).ReadToEndAsync(patience.Token);
            return text.Length == 0 ? null : (text.Trim(), new X509Certificate2(stream.RemoteCertificate!));
        }
        catch (Exception failure) when (failure is IOException or AuthenticationException)
        {
            return null;
        }
    }

    private int Listen(TlsIdentity? site)
    {
        Socket listener = Loopback.NewSocket();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _listeners.Add(listener);
        _running.Add(AcceptAsync(listener, site ?? TlsIdentity.SelfSigned));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    private async Task AcceptAsync(Socket listener, TlsIdentity site)
    {
        try
        {
            while (true)
                await ServeAsync(await listener.AcceptAsync(_stop.Token), site);
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket, TlsIdentity site)
    {
        await using NetworkStream transport = new(socket, ownsSocket: true);
        HandedOffClient client = new()
        {
            Descriptor = -1,
            Listener = _listener,
            Tls = site,
            Client = IpEndpoint.Create(IPAddress.Loopback, ((IPEndPoint)socket.RemoteEndPoint!).Port),
            Local = IpEndpoint.Create(IPAddress.Loopback, ((IPEndPoint)socket.LocalEndPoint!).Port),
            Lease = new TestLease(),
        };
        try
        {
            await using SslStream stream = await Terminator.AuthenticateAsync(transport, client, _stop.Token);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"served {stream.NegotiatedApplicationProtocol}\n"), _stop.Token);
            await stream.ShutdownAsync();
            socket.Shutdown(SocketShutdown.Send);
            // Until the client has gone: a socket closed over unread bytes would send a reset.
            await transport.CopyToAsync(Stream.Null, _stop.Token);
        }
        catch (Exception failure) when (failure is AuthenticationException or IOException or OperationCanceledException)
        {
            // Counted by the terminator.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        foreach (Socket listener in _listeners)
            listener.Dispose();
        Store.Dispose();
        Folder.Dispose();
        _stop.Dispose();
    }
}
