using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FastSni.Reports;

namespace FastSni.Compare.Running;

/// <summary>TLS connections that have each asked for <see cref="HttpTraffic.Small"/> bytes once and then keep silent. Disposing ends them.</summary>
internal sealed class TlsCrowd : IDisposable
{
    private const int OpeningMax = 16, HeadBytesMax = 2048;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly byte[] Request =
        Encoding.ASCII.GetBytes($"GET /{HttpTraffic.FileName(HttpTraffic.Small)} HTTP/1.1\r\nHost: {Site.OffloadName}\r\n\r\n");

    private readonly ConcurrentBag<(Socket Socket, SslStream Stream)> _members = [];

    public static TlsCrowd Open(Site site, int count)
    {
        TlsCrowd crowd = new();
        try
        {
            using CancellationTokenSource patience = new(Patience);
            using X509Certificate2 trusted = X509CertificateLoader.LoadCertificateFromFile(site.Certificate!.ChainPath);
            ParallelOptions options = new() { MaxDegreeOfParallelism = OpeningMax, CancellationToken = patience.Token };
            Parallel.ForAsync(0, count, options, (_, cancellation) => crowd.AddAsync(site, trusted, cancellation)).GetAwaiter().GetResult();
            return crowd;
        }
        catch (Exception failure) when (failure is IOException or SocketException or AuthenticationException or OperationCanceledException)
        {
            crowd.Dispose();
            throw new MeasurementException($"not all of {count} TLS connections came up: {failure.Message}");
        }
    }

    /// <summary>How many the other end has closed since.</summary>
    public int CountEnded() => _members.Count(member => member.Socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) && member.Socket.Available == 0);

    public void Dispose()
    {
        foreach ((_, SslStream stream) in _members)
            stream.Dispose();
    }

    private async ValueTask AddAsync(Site site, X509Certificate2 trusted, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", site.ListenPort, cancellation);
        SslStream stream = new(new NetworkStream(socket, ownsSocket: true));
        _members.Add((socket, stream));
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(trusted);
        SslClientAuthenticationOptions options = new() { TargetHost = Site.OffloadName, CertificateChainPolicy = policy };
        await stream.AuthenticateAsClientAsync(options, cancellation);
        await stream.WriteAsync(Request, cancellation);
        await ReadAnswerAsync(stream, cancellation);
    }

    private static async Task ReadAnswerAsync(SslStream stream, CancellationToken cancellation)
    {
        byte[] answer = new byte[HeadBytesMax + HttpTraffic.Small];
        for (int length = 0, head; ;)
        {
            length += await stream.ReadAtLeastAsync(answer.AsMemory(length), 1, cancellationToken: cancellation);
            head = answer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (head >= 0 && length >= head + 4 + HttpTraffic.Small)
                return;
        }
    }
}
