using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace FastSni.LoadTests.Soak;

/// <summary>One connection that speaks HTTP with the gateway: a handful of requests, bodies either way, each checked.</summary>
internal sealed class HttpVisit(Uri site, IPEndPoint door, Version version, Ledger ledger, Upheavals upheavals, CancellationToken stop) : IDisposable
{
    private const int BodyBytesMax = 300_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly long _began = Upheavals.Now;
    private readonly int _reloadsDone = upheavals.ReloadsDone;
    // Its own for good: the library may connect anew for a request.
    private readonly IPAddress _own = Door.AnyClient();
    private HttpClient? _client;
    private Socket? _socket;
    private bool _isAborted;
    private int _answers;

    private string Kind => site.Scheme == "https" ? $"offload-h{version.Major}" : "plain";

    /// <param name="requests">How many, with pauses of about this length between them.</param>
    /// <param name="aborts">Whether it ends with a reset in the middle of the last request.</param>
    public async Task RunAsync(int requests, TimeSpan pause, bool aborts)
    {
        _client = new(Handler()) { Timeout = Patience, DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        try
        {
            for (int number = 1; number <= requests && !stop.IsCancellationRequested; number++)
            {
                Task abort = aborts && number == requests ? AbortAsync() : Task.CompletedTask;
                if (!await AskAsync())
                    return;
                await abort;
                await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (Exception trouble) when (trouble is HttpRequestException or IOException or OperationCanceledException or WrongBytesException or ObjectDisposedException)
        {
            Judge(trouble);
        }
    }

    /// <summary>One request to port 80 that is to be redirected.</summary>
    public async Task BeRedirectedAsync()
    {
        _client = new(Handler()) { Timeout = Patience };
        try
        {
            using HttpResponseMessage answer = await _client.GetAsync(new Uri(site, "/somewhere?x=1"), CancellationToken.None);
            if ((int)answer.StatusCode is not (301 or 308) || answer.Headers.Location is not { Scheme: "https", PathAndQuery: "/somewhere?x=1" } to || to.Host != site.Host)
                ledger.NotExpected($"no redirect but {(int)answer.StatusCode} {answer.Headers.Location}");
            else
                ledger.Done("redirect");
        }
        catch (Exception trouble) when (trouble is HttpRequestException or OperationCanceledException)
        {
            Judge(trouble);
        }
    }

    public void Dispose()
    {
        _client?.Dispose();
        _socket?.Dispose();
    }

    private SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false, UseCookies = false, UseProxy = false, MaxConnectionsPerServer = 1,
        // Self-signed, made for this run.
        SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == $"CN={site.Host}" },
        ConnectCallback = async (_, _) => new NetworkStream(_socket = await Door.ConnectAsync(door, _own), ownsSocket: true),
    };

    /// <summary>False: the connection is of no more use, and that is in order.</summary>
    private async Task<bool> AskAsync()
    {
        Guid tag = Guid.NewGuid();
        int bytes = Random.Shared.Next(4) == 0 ? Random.Shared.Next(BodyBytesMax) : Random.Shared.Next(2000);
        bool posts = Random.Shared.Next(2) == 0;
        byte[] body = new byte[bytes];
        new Pattern(tag).Fill(0, body);
        using HttpRequestMessage request = new(posts ? HttpMethod.Post : HttpMethod.Get, new Uri(site, posts ? "/echo" : $"/bytes/{bytes}/{tag:N}"));
        request.Version = version;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        if (posts)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
        request.Headers.Add(HttpBackend.SourceHeader, _own.ToString());
        using HttpResponseMessage answer = await _client!.SendAsync(request, CancellationToken.None);
        byte[] answered = await answer.Content.ReadAsByteArrayAsync(CancellationToken.None);
        if (answer.StatusCode == HttpStatusCode.MisdirectedRequest && upheavals.WasReloadedSince(_reloadsDone))
        {
            ledger.Expected("421 behind a reload with another certificate");
            return false;
        }
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new WrongBytesException($"status {(int)answer.StatusCode}");
        if (!answered.AsSpan().SequenceEqual(body))
            throw new WrongBytesException($"a wrong body: {answered.Length} bytes where {body.Length} were due");
        _answers++;
        ledger.Done($"{Kind}-{(posts ? "post" : "get")}", posts ? 2L * bytes : bytes);
        return true;
    }

    private async Task AbortAsync()
    {
        await Task.Delay(Random.Shared.Next(15), CancellationToken.None);
        if (_socket is not { } socket)
            return;
        _isAborted = true;
        try
        {
            socket.LingerState = new(true, 0);
        }
        catch (ObjectDisposedException)
        {
            // The client's library was first.
        }
        socket.Dispose();
    }

    private void Judge(Exception trouble)
    {
        if (trouble is WrongBytesException)
            ledger.NotExpected($"{Kind}: {trouble.Message}");
        else if (_isAborted)
            ledger.Expected(site.Scheme == "https" ? Ledger.AbortedTls : "aborted by us");
        // A kept connection may end just when the next request is sent.
        else if (_answers > 0 && upheavals.IsLeftBehind(_began))
            ledger.Expected("kept connection ended by the upgrade");
        // docs/operations.md, `drained`: the process that is replaced ends who is still in the handshake.
        else if (upheavals.IsLeftBehind(_began) && !upheavals.IsDrained(_began))
            ledger.Expected(Ledger.CutInHandshake);
        else
            ledger.NotExpected($"{Kind}, {Upheavals.Now - _began} ms old, {_answers} answers: {Innermost(trouble)}");
    }

    private static string Innermost(Exception trouble) => trouble.InnerException is { } inner and not AuthenticationException
        ? Innermost(inner) : $"{trouble.GetType().Name} {trouble.Message}";
}
