using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace FastSni.EndToEnd.Harness;

/// <summary>One request as a backend got it.</summary>
/// <param name="Connection">Which of the backend's connections it came on, from 1.</param>
internal sealed record RecordedRequest(HttpHead Head, byte[] Body, int Connection)
{
    public string Method => Head.StartLine.Split(' ')[0];

    public string Target => Head.StartLine.Split(' ')[1];
}

/// <summary>
/// An HTTP/1.1 backend on bare sockets: it keeps each request's exact bytes and answers by a script. Connections are kept alive.
/// </summary>
internal sealed class HttpBackend : IDisposable
{
    private readonly TestBackend _backend;
    private readonly Func<HttpCall, Task> _script;
    private readonly ConcurrentQueue<RecordedRequest> _requests = [];
    private readonly Channel<RecordedRequest> _next = Channel.CreateUnbounded<RecordedRequest>();
    private int _heads;

    private HttpBackend(string name, Func<HttpCall, Task> script, EndPoint? at)
    {
        _script = script;
        _backend = TestBackend.Start(name, ServeAsync, proxy: false, at);
    }

    public string Name => _backend.Name;

    /// <summary>As the `backend` key of an offload section writes it.</summary>
    public string Url => _backend.EndPoint is UnixDomainSocketEndPoint ? _backend.Address : $"http://{_backend.Address}";

    public string Address => _backend.Address;

    public int Connections => _backend.Accepted;

    /// <summary>Request heads that came, those whose body never did included.</summary>
    public int Heads => Volatile.Read(ref _heads);

    /// <summary>Whole requests.</summary>
    public IReadOnlyCollection<RecordedRequest> Requests => _requests;

    /// <param name="script">What it does with a whole request; <see cref="HttpScripts.ByPathAsync"/> if left out.</param>
    public static HttpBackend Start(string name, Func<HttpCall, Task>? script = null, EndPoint? at = null) =>
        new(name, script ?? HttpScripts.ByPathAsync, at);

    /// <summary>The next request nobody has asked for yet.</summary>
    public Task<RecordedRequest> NextAsync() => _next.Reader.ReadAsync().AsTask().Within($"a request to backend {Name}");

    public void AssertNoFaults() => _backend.AssertNoFaults();

    public void Dispose() => _backend.Dispose();

    private async Task ServeAsync(BackendSession session)
    {
        int connection = _backend.Sessions.TakeWhile(other => other != session).Count() + 1;
        try
        {
            await using NetworkStream stream = new(session.Socket, ownsSocket: false);
            HttpReader reader = new(stream);
            while (await reader.ReadHeadAsync() is { } head)
            {
                Interlocked.Increment(ref _heads);
                if (head.Has("Expect"))
                    await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray());
                RecordedRequest request = new(head, await reader.ReadRequestBodyAsync(head), connection);
                _requests.Enqueue(request);
                _next.Writer.TryWrite(request);
                HttpCall call = new(request, stream, this);
                await _script(call);
                if (call.EndsConnection)
                    return;
            }
        }
        catch (IOException)
        {
            // The gateway went away, perhaps in the middle of a request: ordinary life.
        }
    }
}

/// <summary>A request to be answered.</summary>
internal sealed class HttpCall(RecordedRequest request, Stream stream, HttpBackend backend)
{
    public RecordedRequest Request { get; } = request;

    public HttpBackend Backend { get; } = backend;

    /// <summary>The connection itself, for what is no plain answer.</summary>
    public Stream Stream { get; } = stream;

    /// <summary>Set by a script whose connection is to end behind its answer.</summary>
    public bool EndsConnection { get; set; }

    public Task AnswerAsync(string body, int status = 200, params (string Name, string Value)[] headers) =>
        AnswerAsync(Encoding.Latin1.GetBytes(body), status, headers);

    /// <summary>With Content-Length; without a body where the request or the status allows none.</summary>
    public async Task AnswerAsync(byte[] body, int status = 200, params (string Name, string Value)[] headers)
    {
        StringBuilder head = new(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Words\r\n"));
        foreach ((string name, string value) in headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        if (status is not 204 and not 304)
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        bool hasBody = Request.Method != "HEAD" && status is not 204 and not 304;
        await Stream.WriteAsync((byte[])[.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. hasBody ? body : []]);
    }

    public async Task SendAsync(string raw) => await Stream.WriteAsync(Encoding.Latin1.GetBytes(raw));
}
