using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace FastSni.LoadTests.Load;

/// <summary>What the steps of one run have in common: whom they ask, and the connections they keep.</summary>
internal sealed class ScenarioContext : IDisposable
{
    // Many addresses, so that ports in TIME_WAIT do not run out: each has its own 28,000.
    private const int ClientAddresses = 64;

    /// <summary>How long a step waits for its answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Two pools, so that nobody who wants a new connection is given a kept one.
    private readonly HttpClient _keeping, _ending;
    private long _number;

    public ScenarioContext(LoadTarget target) => (Target, _keeping, _ending) = (target, Client(Timeout.InfiniteTimeSpan), Client(TimeSpan.Zero));

    public LoadTarget Target { get; }

    /// <summary>Counts steps from 0.</summary>
    public long NextNumber() => Interlocked.Increment(ref _number) - 1;

    /// <param name="keepsConnection">Whether it may go over a kept connection and leave one behind.</param>
    public Task<StepResult> AskAsync(Uri page, bool keepsConnection, CancellationToken cancel) => SendAsync(page, keepsConnection, async answer =>
    {
        long bytes = (await answer.Content.ReadAsByteArrayAsync(cancel)).LongLength;
        if (Target.BodyBytes is not int due)
            return (int)answer.StatusCode < 400 ? StepResult.Ok(bytes) : StepResult.Failed($"status {(int)answer.StatusCode}");
        if (answer.StatusCode != HttpStatusCode.OK)
            return StepResult.Failed($"status {(int)answer.StatusCode}");
        return bytes == due ? StepResult.Ok(bytes) : StepResult.Failed("a body of another length");
    }, cancel);

    public Task<StepResult> BeRedirectedAsync(CancellationToken cancel) => SendAsync(Target.Plain, false, answer => Task.FromResult(
        answer.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.PermanentRedirect && answer.Headers.Location is { Scheme: "https" } to && to.Host == Target.Plain.Host
            ? StepResult.Ok(0)
            : StepResult.Failed($"no redirect to https but status {(int)answer.StatusCode}")), cancel);

    public void Dispose()
    {
        _keeping.Dispose();
        _ending.Dispose();
    }

    // A connection without a life is not kept. "Connection: close" alone does not see to it, where the answer does not say so too.
    private HttpClient Client(TimeSpan life) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = Patience, ConnectCallback = ConnectAsync,
        PooledConnectionLifetime = life,
        // A new connection costs what a new client's costs.
        SslOptions = new() { AllowTlsResume = false, RemoteCertificateValidationCallback = (stream, certificate, _, _) => IsExpected((SslStream)stream, certificate) },
    })
    {
        Timeout = Patience,
    };

    // Self-signed and made for this run; what a gateway of somebody's own on loopback shows is theirs.
    private bool IsExpected(SslStream stream, X509Certificate? certificate) => Target.BodyBytes is null || certificate?.Subject == $"CN={stream.TargetHostName}";

    private async Task<StepResult> SendAsync(Uri page, bool keepsConnection, Func<HttpResponseMessage, Task<StepResult>> judge, CancellationToken cancel)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, page);
        request.Headers.ConnectionClose = !keepsConnection;
        try
        {
            using HttpResponseMessage answer = await (keepsConnection ? _keeping : _ending).SendAsync(request, cancel);
            return await judge(answer);
        }
        catch (Exception trouble) when (trouble is HttpRequestException or IOException || (trouble is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return StepResult.Failed(Reason(trouble));
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        IPEndPoint door = context.InitialRequestMessage.RequestUri!.Scheme == "https" ? Target.Tls : Target.Http;
        Socket socket = new(door.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (door.AddressFamily == AddressFamily.InterNetwork)
                socket.Bind(new IPEndPoint(new IPAddress([127, 9, 0, (byte)Random.Shared.Next(1, ClientAddresses + 1)]), 0));
            await socket.ConnectAsync(door, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Reason(Exception trouble) => trouble switch
    {
        OperationCanceledException => $"no answer within {Patience.TotalSeconds:0} s",
        SocketException refused => $"connection: {refused.SocketErrorCode}",
        AuthenticationException => "the TLS handshake failed",
        { InnerException: Exception inner } => Reason(inner),
        HttpRequestException http => $"HTTP: {http.HttpRequestError}",
        HttpIOException http => $"HTTP: {http.HttpRequestError}",
        _ => $"connection: {trouble.Message}",
    };
}
