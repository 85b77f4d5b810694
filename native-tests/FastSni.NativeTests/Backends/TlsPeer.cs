using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using FastSni.NativeTests.Support;

namespace FastSni.NativeTests.Backends;

/// <summary>The server's side of TLS: one self-signed certificate, and what the client's hello said.</summary>
internal sealed class TlsPeer : IDisposable
{
    private readonly X509Certificate2 _certificate;

    internal TlsPeer(string name)
    {
        _certificate = SelfSigned.Certificate(name);
        File.WriteAllText(CaFile, _certificate.ExportCertificatePem());
    }

    /// <summary>PEM of the certificate.</summary>
    internal string CaFile { get; } = Path.GetTempFileName();

    /// <summary>Of the last hello; empty = none.</summary>
    internal string ServerName { get; private set; } = "";

    /// <summary>Takes the client's handshake; an exception if it gives up.</summary>
    internal async Task<SslStream> AuthenticateAsync(Socket socket)
    {
        SslStream tls = new(new NetworkStream(socket, ownsSocket: false));
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateSelectionCallback = (_, name) =>
            {
                ServerName = name ?? "";
                return _certificate;
            },
        };
        using CancellationTokenSource patience = new(Loopback.Patience);
        await tls.AuthenticateAsServerAsync(options, patience.Token);
        return tls;
    }

    public void Dispose()
    {
        _certificate.Dispose();
        File.Delete(CaFile);
    }
}
