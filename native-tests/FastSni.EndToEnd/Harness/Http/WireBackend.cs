using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// An HTTP/1.1 backend on raw sockets. It keeps the exact bytes of every connection, reads them by the letter, and answers each whole request with what
/// its script writes, however wrong. By default: 200, with the request's number in X-Seen.
/// </summary>
internal sealed class WireBackend : IDisposable
{
    private readonly TestBackend _listener;
    private readonly Func<WireExchange, Task> _answer;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly ConcurrentQueue<WireConnection> _connections = [];
    private readonly ConcurrentQueue<WireRequest> _requests = [];
    private readonly ConcurrentQueue<string> _complaints = [];
    private int _lastNumber;

    private WireBackend(string name, Func<WireExchange, Task> answer, EndPoint? at, SslServerAuthenticationOptions? tls)
    {
        (_answer, _tls) = (answer, tls);
        _listener = TestBackend.Start(name, ServeAsync, proxy: false, at);
    }

    public string Name => _listener.Name;

    public EndPoint EndPoint => _listener.EndPoint;

    /// <summary>As `http-backend` writes it.</summary>
    public string Address => _listener.Address;

    /// <summary>As the `backend` of an offload section writes it.</summary>
    public string Url => _listener.EndPoint is UnixDomainSocketEndPoint ? Address : $"{(_tls is null ? "http" : "https")}://{Address}";

    /// <summary>Every whole request, as it was finished.</summary>
    public IReadOnlyCollection<WireRequest> Requests => _requests;

    public IReadOnlyCollection<WireConnection> Connections => _connections;

    public static WireBackend Start(
        Func<WireExchange, Task>? answer = null, EndPoint? at = null, SslServerAuthenticationOptions? tls = null, string name = "backend") =>
        new(name, answer ?? (exchange => exchange.AnswerAsync()), at, tls);

    /// <summary>Answers every request with these bytes, and goes on.</summary>
    public static WireBackend Saying(string response) => Start(exchange => exchange.SendAsync(response));

    public WireRequest Request(int number) => _requests.Single(request => request.Number == number);

    /// <summary>Every byte that came was part of a request by the letter.</summary>
    public void AssertWellFormed()
    {
        Assert.Empty(_complaints);
        _listener.AssertNoFaults();
    }

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync(BackendSession session)
    {
        Stream stream = new NetworkStream(session.Socket);
        if (_tls is not null)
        {
            SslStream tls = new(stream);
            stream = tls;
            try
            {
                await tls.AuthenticateAsServerAsync(_tls);
            }
            catch (Exception refused) when (refused is IOException or System.Security.Authentication.AuthenticationException)
            {
                return;
            }
        }
        WireConnection connection = new(session, stream);
        _connections.Enqueue(connection);
        try
        {
            while (await NextAsync(connection) is { } request)
            {
                WireExchange exchange = new(this, connection, request);
                await _answer(exchange);
                if (exchange.IsOver)
                    return;
            }
        }
        catch (IOException)
        {
            connection.Ending = Ending.Reset;
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }

    /// <summary>null: the connection ended, or what came is no request.</summary>
    private async Task<WireRequest?> NextAsync(WireConnection connection)
    {
        while (true)
        {
            WireState state = RequestParser.Strict.Read(connection.Unread, out WireRequest? request, out string why);
            if (state == WireState.Malformed)
            {
                _complaints.Enqueue($"{why}: {Encoding.Latin1.GetString(connection.Unread)}");
                return null;
            }
            if (state == WireState.Whole)
            {
                request = request! with { Number = Interlocked.Increment(ref _lastNumber) };
                connection.Take(request);
                _requests.Enqueue(request);
                return request;
            }
            if (!await connection.FillAsync())
                return null;
        }
    }
}

/// <summary>One connection of a <see cref="WireBackend"/>: all bytes that came, and the requests they were.</summary>
internal sealed class WireConnection(BackendSession session, Stream stream)
{
    private readonly byte[] _buffer = new byte[65_536];
    private readonly ConcurrentQueue<WireRequest> _requests = [];
    private byte[] _bytes = [];
    private int _taken;

    public BackendSession Session { get; } = session;

    public Stream Stream { get; } = stream;

    public Ending Ending { get; set; } = Ending.Open;

    public byte[] Bytes => _bytes;

    /// <summary>What came behind the last whole request.</summary>
    public ReadOnlySpan<byte> Unread => _bytes.AsSpan(_taken);

    public IReadOnlyCollection<WireRequest> Requests => _requests;

    internal void Take(WireRequest request)
    {
        _taken += request.Length;
        _requests.Enqueue(request);
    }

    internal async Task<bool> FillAsync()
    {
        int count = await Stream.ReadAsync(_buffer);
        if (count == 0)
            Ending = Ending.Fin;
        _bytes = [.. _bytes, .. _buffer.AsSpan(0, count)];
        return count > 0;
    }
}

/// <summary>A whole request at a <see cref="WireBackend"/>, to be answered.</summary>
internal sealed class WireExchange(WireBackend backend, WireConnection connection, WireRequest request)
{
    public WireBackend Backend { get; } = backend;

    public WireConnection Connection { get; } = connection;

    public WireRequest Request { get; } = request;

    /// <summary>The connection is not for requests any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>200, with the request's number in X-Seen and the backend's name as its text.</summary>
    public Task AnswerAsync(string headers = "")
    {
        string text = Request.Method == "HEAD" ? "" : Backend.Name;
        return SendAsync($"HTTP/1.1 200 OK\r\nX-Seen: {Request.Number}\r\nContent-Length: {Backend.Name.Length}\r\n{headers}\r\n{text}");
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await Connection.Stream.WriteAsync(bytes);
        await Connection.Stream.FlushAsync();
    }

    /// <summary>Ends the connection in order, behind what was sent.</summary>
    public void Close() => IsOver = true;

    /// <summary>Resets the connection once what was sent has arrived.</summary>
    public async Task ResetAsync()
    {
        IsOver = true;
        await Connection.Session.DeliveredAsync();
        Connection.Session.Abort();
    }

    /// <summary>Takes the connection over for something else than HTTP.</summary>
    public async Task TunnelAsync(Func<Stream, Task> talk)
    {
        IsOver = true;
        await talk(Connection.Stream);
    }
}
