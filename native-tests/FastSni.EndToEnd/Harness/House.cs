using System.Net;

namespace FastSni.EndToEnd.Harness;

/// <summary>A gateway's whole configuration with a backend for every room, and a client of each kind.</summary>
internal sealed class House : IDisposable
{
    public const string PassedName = "a.home.test", OffloadedName = "app.home.test";

    private readonly TestBackend _passed = TestBackend.Start("a"), _plain = TestBackend.Start("plain");
    private readonly HttpBackend _app = HttpBackend.Start("app");
    private KeepAliveClient? _kept;

    public House(int workers)
    {
        Config = GatewayConfig.Https(workers).Listen("http", "http", Loopback.NextV4()).Listen("plain", "tcp", Loopback.NextV4())
            .Set("listen:plain", "backend", _plain.Address).Set("listen:plain", "proxy-protocol", "v1")
            .Passthrough("a", PassedName, _passed, ("http-backend", _app.Address))
            .Offload("app", OffloadedName, _app, TestCertificates.Shared.Authority.Issue(OffloadedName));
    }

    public GatewayConfig Config { get; }

    public TestBackend Passed => _passed;

    /// <summary>All kinds of clients at once; most are passed through.</summary>
    public Traffic Visit(int perSecond)
    {
        _kept ??= new KeepAliveClient(Config.EndPoint("https"));
        return new Traffic()
            .Add("passthrough", perSecond * 7 / 10, () => ExpectAsync("a", PassAsync(Config.EndPoint("https"), PassedName)))
            .Add("offload", Math.Max(1, perSecond / 10), () => OffloadAsync(Config.EndPoint("https"), OffloadedName, "app"))
            .Add("offload-kept", Math.Max(1, perSecond / 10), _kept.AskAsync)
            .Add("http", Math.Max(1, perSecond / 10), () => PlainHttpAsync(Config.EndPoint("http"), PassedName, "200"))
            .Add("redirect", Math.Max(1, perSecond / 20), () => PlainHttpAsync(Config.EndPoint("http"), OffloadedName, "30"))
            .Add("tcp", Math.Max(1, perSecond / 10), () => ExpectAsync("plain", PassAsync(Config.EndPoint("plain"), PassedName)));
    }

    public void Dispose()
    {
        _passed.Dispose();
        _plain.Dispose();
        _app.Dispose();
        _kept?.Dispose();
    }

    /// <summary>The backend's answer without the client's address in it.</summary>
    public static async Task<string> PassAsync(IPEndPoint listener, string name)
    {
        using TestClient client = await TestClient.ConnectAsync(listener);
        return (await client.AskAsync(name)).Replace($" {client.LocalEndPoint}", "", StringComparison.Ordinal);
    }

    public static async Task<string?> ExpectAsync(string wanted, Task<string> asking) => await asking is var answer && answer == wanted ? null : answer;

    /// <summary>A new connection, TLS, one request.</summary>
    public static async Task<string?> OffloadAsync(IPEndPoint listener, string name, string backend)
    {
        await using TlsClient client = await TlsClient.ConnectAsync(listener, name);
        return Judge(await client.GetAsync(name, "/x"), backend);
    }

    private static async Task<string?> PlainHttpAsync(IPEndPoint listener, string host, string status)
    {
        using TestClient client = await TestClient.ConnectAsync(listener);
        await client.SendAsync($"GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n");
        string line = await client.ReceiveLineAsync();
        return line.StartsWith($"HTTP/1.1 {status}", StringComparison.Ordinal) ? null : $"answered '{line}'";
    }

    private static string? Judge(HttpAnswer answer, string backend) =>
        answer.Status == 200 && answer.Text == $"{backend} /x\n" ? null : $"answered {answer.Status} {answer.Text}";

    /// <summary>
    /// As curl and browsers do it: one connection for request after request, and a new one where the old has ended in between. A request that meets the end of a
    /// used connection before a byte of its answer is sent once more (RFC 9112 9.3.1).
    /// </summary>
    private sealed class KeepAliveClient(IPEndPoint listener) : IDisposable
    {
        private readonly SemaphoreSlim _turn = new(1);
        private TlsClient? _open;

        public async Task<string?> AskAsync()
        {
            await _turn.WaitAsync();
            try
            {
                if (_open is not null)
                {
                    try
                    {
                        return Judge(await AskAsync(_open), "app");
                    }
                    catch (IOException)
                    {
                        await _open.DisposeAsync();
                    }
                }
                _open = null;
                _open = await TlsClient.ConnectAsync(listener, OffloadedName);
                return Judge(await AskAsync(_open), "app");
            }
            finally
            {
                _turn.Release();
            }
        }

        public void Dispose()
        {
            _open?.Socket.Dispose();
            _turn.Dispose();
        }

        private async Task<HttpAnswer> AskAsync(TlsClient client)
        {
            HttpAnswer answer = await client.GetAsync(OffloadedName, "/x");
            if (answer.Head.Has("Connection") && answer.Head.Value("Connection").Equals("close", StringComparison.OrdinalIgnoreCase))
            {
                await client.DisposeAsync();
                _open = null;
            }
            return answer;
        }
    }
}
