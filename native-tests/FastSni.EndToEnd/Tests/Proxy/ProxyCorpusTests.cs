using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Proxy;

/// <summary>Every public PROXY header through the running gateway, on each kind of listener, with accept-proxy = require.</summary>
public sealed class ProxyCorpusTests
{
    private const string Name = "a.home.test";
    private const int Concurrency = 48;

    private static readonly byte[] Hello = HelloBytes.For(Name);

    [Theory]
    [InlineData("tls", false, 2)]
    [InlineData("tls", true, 1)]
    [InlineData("tcp", false, 1)]
    [InlineData("tcp", true, 1)]
    public async Task The_backend_is_told_what_the_header_says_and_gets_what_lies_behind_it(string mode, bool isDripped, int workers)
    {
        using TestBackend backend = TestBackend.Start("mirror", Scripts.MirrorAsync);
        GatewayConfig config = ConfigOf(mode, isDripped, workers, [.. mode == "tcp" ? [("backend", backend.Address), ("proxy-protocol", "v2")] : Array.Empty<(string, string)>()]);
        if (mode == "tls")
            config.Passthrough("a", Name, backend.Address, ("proxy-protocol", "v2"));
        await using Gateway gateway = await Gateway.StartAsync(config);
        await PlayAllAsync(gateway, row => mode == "tls" ? [.. row.Header, .. Hello] : row.Bytes, isDripped, endsTaken: true, (row, bytes, client, answer) =>
        {
            byte[][] told = [.. answer.Text.Split(' ').Select(Convert.FromHexString)];
            ProxyHeader header = ProxyHeader.Read(told[0])!;
            string? fault = FaultOf(row, client, gateway, header.Source!, header.Destination!);
            return (header.Source!, fault ?? (told[1].AsSpan().SequenceEqual(bytes.AsSpan(row.HeaderBytes)) ? null : "not the bytes behind the header"));
        });
        backend.AssertNoFaults();
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    public async Task A_web_server_is_told_by_its_headers(bool isDripped, int workers)
    {
        using HttpBackend backend = HttpBackend.Start("mirror", call => call.AnswerAsync(call.Request.Head.Raw));
        await using Gateway gateway = await Gateway.StartAsync(ConfigOf("http", isDripped, workers)
            .Passthrough("a", Name, Loopback.NextV4().ToString(), ("http-backend", backend.Address)).Set("passthrough:a", "listen", "door, https")
            .Listen("https", "tls", Loopback.NextV4()));
        byte[] request = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {Name}\r\nConnection: close\r\n\r\n");
        await PlayAllAsync(gateway, row => [.. row.Header, .. request], isDripped, endsTaken: false, (row, _, client, answer) =>
        {
            HttpHead head = new(answer.Text[(answer.Text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
            IPAddress told = IPAddress.Parse(head.Value("X-Real-IP"));
            int port = int.Parse(head.Value("X-Forwarded-Port"), CultureInfo.InvariantCulture);
            (IPEndPoint source, IPEndPoint place) = row.Source is null ? (client, gateway.Config.EndPoint("door")) : (row.Source, row.Destination!);
            bool isRight = told.Equals(source.Address) && port == place.Port && head.Value("X-Forwarded-For") == source.Address.ToString();
            return (source, isRight ? null : head.Raw);
        });
    }

    /// <param name="endsTaken">Whether a client that may be let in says afterwards that it has no more.</param>
    /// <param name="judge">Who was told to be the client, and what is wrong with that or null.</param>
    private static async Task PlayAllAsync(
        Gateway gateway, Func<ProxyRow, byte[]> taken, bool isDripped, bool endsTaken,
        Func<ProxyRow, byte[], IPEndPoint, Transcript, (IPEndPoint Told, string? Fault)> judge)
    {
        ConcurrentBag<string> complaints = [], clients = [];
        // The largest first, or they alone would be waited for at the end.
        await Parallel.ForEachAsync(ProxyRow.All.OrderByDescending(row => row.Bytes.Length), new ParallelOptions { MaxDegreeOfParallelism = Concurrency }, async (row, _) =>
        {
            try
            {
                byte[] bytes = row.HeaderBytes > 0 ? taken(row) : row.Bytes;
                using TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint("door"));
                await (isDripped ? client.SendByteByByteAsync(bytes) : client.TrySendAsync(bytes));
                // What is no header yet is once held until its time is up, and once ended in its middle.
                if (row.MayBeTaken ? endsTaken : isDripped)
                    client.ShutdownSend();
                Transcript answer = await client.ReceiveToEndAsync();
                client.Dispose();
                (IPEndPoint told, string? fault) = answer.Bytes.Length == 0
                    ? (client.LocalEndPoint, row.MayBeRefused && answer.Ending != Ending.Open ? null : $"refused, {answer.Ending}")
                    : judge(row, bytes, client.LocalEndPoint, answer);
                if (answer.Bytes.Length == 0 && fault is null && await gateway.AccessLog.EndOfAsync(told) is not "proxy-header" and var end)
                    fault = $"closed as {end}";
                clients.Add(told.ToString());
                if (fault is not null)
                    complaints.Add($"{row.Id}: {fault}");
            }
            catch (Exception wrong)
            {
                complaints.Add($"{row.Id}: {wrong.Message}");
            }
        });
        Assert.True(complaints.IsEmpty, $"{complaints.Count} of {ProxyRow.All.Count}:\n{string.Join('\n', complaints.Order().Take(20))}");
        gateway.AssertAlive();
        await AssertLoggedAsync(gateway, clients);
    }

    /// <summary>One line for each connection, of its session or of its request, of the client it was told to be of.</summary>
    private static async Task AssertLoggedAsync(Gateway gateway, IEnumerable<string> clients)
    {
        string[] wanted = [.. clients.Order()], seen = [];
        await Patience.UntilAsync(
            () => (seen = [.. gateway.AccessLog.Lines.Select(line => line.Client).Concat(gateway.AccessLog.Requests.Select(line => line.Client)).Order()]).Length >= wanted.Length,
            () => $"{wanted.Length} lines, there are {seen.Length}");
        Assert.Equal(wanted, seen);
    }

    private static string? FaultOf(ProxyRow row, IPEndPoint client, Gateway gateway, IPEndPoint source, IPEndPoint destination)
    {
        bool isNamed = row.Allows("ok") && source.Equals(row.Source) && destination.Equals(row.Destination);
        bool isOwn = row.Allows("local") && source.Equals(client) && destination.Equals(gateway.Config.EndPoint("door"));
        return isNamed || isOwn ? null : $"told of {source} to {destination}";
    }

    private static GatewayConfig ConfigOf(string mode, bool isDripped, int workers, params (string Key, string Value)[] more) => new GatewayConfig(workers)
        .Gateway("proxy-header-timeout", isDripped ? "19s" : "1s")
        .Listen("door", mode, Loopback.NextV4(), [("accept-proxy", "require"), ("trusted-proxies", "127.0.0.0/8"), .. more]);
}
