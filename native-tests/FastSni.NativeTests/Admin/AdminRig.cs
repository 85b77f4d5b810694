using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Operations;
using FastSni.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FastSni.NativeTests.Admin;

/// <summary>An admin server on an address of 127.0.0.0/8 of its own, or on ::1, and requests to it.</summary>
internal sealed class AdminRig : IAsyncDisposable
{
    internal const string Token = "correct-horse-battery-staple";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fastsni-admin-");
    private readonly List<HttpClient> _clients = [];

    private AdminRig() => Server = new AdminServer(Bans, TimeProvider.System, Log, NullLoggerFactory.Instance);

    internal FakeBans Bans { get; } = new();
    internal ListLog Log { get; } = new();
    internal AdminServer Server { get; }
    internal AdminOptions Options { get; private set; } = new(Socket: null);
    internal ListenEndpoint Endpoint => Options.Endpoints[0];
    internal string TokenPath => Path.Combine(_folder.FullName, "token");

    /// <param name="allow">Who may connect; loopback if none is named.</param>
    internal static async Task<AdminRig> StartAsync(params string[] allow)
    {
        AdminRig rig = new();
        await File.WriteAllTextAsync(rig.TokenPath, Token + "\n");
        Assert.Empty(await rig.ApplyAsync(new AdminOptions(Socket: null)
        {
            Endpoints = [NewEndpoint()],
            Allow = [.. (allow.Length == 0 ? ["127.0.0.0/8", "::1"] : allow).Select(Prefix)],
            TokenFile = rig.TokenPath,
        }));
        return rig;
    }

    internal static ListenEndpoint NewEndpoint() =>
        new(new IPAddress([127, (byte)Random.Shared.Next(130, 250), (byte)Random.Shared.Next(256), (byte)Random.Shared.Next(1, 255)]), 9180);

    internal static AddressPrefix Prefix(string text) => AddressPrefix.TryParse(text, out AddressPrefix prefix) ? prefix : throw new FormatException(text);

    internal async Task<IReadOnlyList<string>> ApplyAsync(AdminOptions options)
    {
        Options = options;
        return await Server.ApplyAsync(options).WaitAsync(Loopback.Patience);
    }

    /// <summary>Requests from this source address, over connections of their own.</summary>
    internal HttpClient ClientFrom(IPAddress source, ListenEndpoint? endpoint = null)
    {
        ListenEndpoint to = endpoint ?? Endpoint;
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            ConnectCallback = async (_, cancel) =>
            {
                Socket socket = Loopback.NewSocket(to.Address.AddressFamily);
                socket.Bind(new IPEndPoint(source, 0));
                await socket.ConnectAsync(new IPEndPoint(to.Address, to.Port), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        HttpClient client = new(handler) { BaseAddress = new Uri($"http://{to}"), Timeout = Loopback.Patience };
        _clients.Add(client);
        return client;
    }

    /// <param name="token">null: no Authorization header.</param>
    internal async Task<AdminReply> SendAsync(string method, string path, string? body = null, string? token = Token, HttpClient? client = null)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage response = await (client ?? ClientFrom(IPAddress.Loopback)).SendAsync(request);
        return new AdminReply((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    /// <summary>A bare connection, for what HttpClient would never send.</summary>
    internal async Task<NetworkStream> ConnectAsync()
    {
        Socket socket = Loopback.NewSocket();
        await socket.ConnectAsync(new IPEndPoint(Endpoint.Address, Endpoint.Port));
        return new NetworkStream(socket, ownsSocket: true);
    }

    public async ValueTask DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

internal sealed record AdminReply(int Status, string Body, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders);
