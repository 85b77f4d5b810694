using System.Net.Sockets;
using System.Text;
using FastSni.Config;
using FastSni.Http;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.NativeTests.Http;

/// <summary>Kestrel on handed-off sockets: what the connection's own code is responsible for.</summary>
public class HttpServerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n", GetAndClose = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    [Fact]
    public async Task Answers_request_after_request_and_returns_the_lease_at_the_end()
    {
        await using TestServer server = await TestServer.StartAsync(Hello);
        (Socket client, TestLease lease) = await server.ConnectAsync();
        using (client)
        {
            for (int i = 0; i < 3; i++)
            {
                client.SendAll(Encoding.ASCII.GetBytes(Get));
                Assert.EndsWith("\r\n\r\n404 Not Found\n", ReadText(client), StringComparison.Ordinal);
            }
            Assert.False(lease.IsReturned);
        }
        await Eventually.IsTrueAsync(() => lease.IsReturned, "the lease is returned");
    }

    [Fact]
    public async Task Bytes_that_were_taken_already_come_first()
    {
        await using TestServer server = await TestServer.StartAsync(Hello);
        byte[] request = Encoding.ASCII.GetBytes(GetAndClose);
        (Socket client, _) = await server.ConnectAsync(taken: request[..10]);
        using (client)
        {
            client.SendAll(request.AsSpan(10));
            Assert.StartsWith("HTTP/1.1 404", ReadToEnd(client), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_client_that_is_still_sending_gets_the_answer_and_an_end_and_no_reset()
    {
        await using TestServer server = await TestServer.StartAsync(Hello);
        (Socket client, _) = await server.ConnectAsync();
        using (client)
        {
            client.SendAll(Encoding.ASCII.GetBytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 600000\r\nConnection: close\r\n\r\n"));
            client.SendAll(new byte[600_000]);
            Assert.StartsWith("HTTP/1.1 404", ReadToEnd(client), StringComparison.Ordinal);
        }
    }

    /// <summary>Kestrel stops accepting at the first exception of its listener: one client could end the room for all.</summary>
    [Fact]
    public async Task A_client_that_has_reset_meanwhile_is_let_go_and_the_next_one_served()
    {
        await using TestServer server = await TestServer.StartAsync(Hello);
        (_, TestLease lease) = await server.ConnectAsync(beforeHandoff: gone => gone.Close(0));
        await Eventually.IsTrueAsync(() => lease.IsReturned, "the lease is returned");
        using Socket client = (await server.ConnectAsync()).Client;
        client.SendAll(Encoding.ASCII.GetBytes(GetAndClose));
        Assert.StartsWith("HTTP/1.1 404", ReadToEnd(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_aborted_answer_ends_with_a_reset()
    {
        await using TestServer server = await TestServer.StartAsync(async exchange =>
        {
            await exchange.ResponseBody.Writer.WriteAsync("part"u8.ToArray());
            exchange.Abort();
        });
        (Socket client, TestLease lease) = await server.ConnectAsync();
        using (client)
        {
            client.SendAll(Encoding.ASCII.GetBytes(Get));
            SocketException failure = Assert.Throws<SocketException>(() => ReadToEnd(client));
            Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        }
        await Eventually.IsTrueAsync(() => lease.IsReturned, "the lease is returned");
    }

    [Fact]
    public async Task A_request_is_told_when_its_client_goes_away()
    {
        TaskCompletionSource isWaiting = new(TaskCreationOptions.RunContinuationsAsynchronously), isAborted = new();
        await using TestServer server = await TestServer.StartAsync(async exchange =>
        {
            isWaiting.SetResult();
            await Task.Delay(Timeout.Infinite, exchange.Aborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            isAborted.SetResult();
        });
        (Socket client, TestLease lease) = await server.ConnectAsync();
        client.SendAll(Encoding.ASCII.GetBytes(Get));
        await isWaiting.Task;
        // Nothing else holds a request that waits for nothing but its client: the connection must hold itself.
        GC.Collect();
        client.Dispose();
        await isAborted.Task.WaitAsync(Loopback.Patience);
        await Eventually.IsTrueAsync(() => lease.IsReturned, "the lease is returned");
    }

    [Fact]
    public async Task More_requests_than_the_limit_are_answered_503()
    {
        TaskCompletionSource isWaiting = new(TaskCreationOptions.RunContinuationsAsynchronously), mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(
            async exchange =>
            {
                isWaiting.TrySetResult();
                await mayEnd.Task;
                await Hello(exchange);
            },
            options: new GatewayOptions { MaxRequests = 1 });
        using Socket first = (await server.ConnectAsync()).Client, second = (await server.ConnectAsync()).Client;
        first.SendAll(Encoding.ASCII.GetBytes(GetAndClose));
        await isWaiting.Task;
        second.SendAll(Encoding.ASCII.GetBytes(GetAndClose));
        Assert.StartsWith("HTTP/1.1 503", ReadToEnd(second), StringComparison.Ordinal);
        mayEnd.SetResult();
        Assert.StartsWith("HTTP/1.1 404", ReadToEnd(first), StringComparison.Ordinal);
        Assert.Equal(1, server.Services.Gate.Refused);
    }

    [Fact]
    public async Task Stopping_lets_the_request_in_flight_finish_and_closes_the_idle_connection()
    {
        TaskCompletionSource isWaiting = new(TaskCreationOptions.RunContinuationsAsynchronously), mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(async exchange =>
        {
            isWaiting.TrySetResult();
            await mayEnd.Task;
            await Hello(exchange);
        });
        using Socket busy = (await server.ConnectAsync()).Client, idle = (await server.ConnectAsync()).Client;
        busy.SendAll(Encoding.ASCII.GetBytes(Get));
        await isWaiting.Task;
        Task stopping = server.StopAsync(CancellationToken.None);
        Assert.Equal("", ReadToEnd(idle));
        mayEnd.SetResult();
        Assert.StartsWith("HTTP/1.1 404", ReadToEnd(busy), StringComparison.Ordinal);
        await stopping.WaitAsync(Loopback.Patience);
    }

    [Fact]
    public async Task Headers_beyond_the_limit_are_answered_431()
    {
        await using TestServer server = await TestServer.StartAsync(Hello, limits: HttpLimits.Default with { HeaderBytesMax = 1024 });
        using Socket client = (await server.ConnectAsync()).Client;
        client.SendAll(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('x', 2000)}\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 431", ReadToEnd(client), StringComparison.Ordinal);
    }

    /// <summary>Such a request reaches no handler; who sends them must be seen all the same.</summary>
    [Fact]
    public async Task What_Kestrel_refuses_is_counted_and_gets_its_line()
    {
        await using TestServer server = await TestServer.StartAsync(Hello);
        using Socket client = (await server.ConnectAsync()).Client;
        client.SendAll("GET / HTTP/1.1\r\nHost: a\r\nno header\r\n\r\n"u8);
        Assert.StartsWith("HTTP/1.1 400", ReadToEnd(client), StringComparison.Ordinal);
        RequestRecord record = default;
        await Eventually.IsTrueAsync(() => server.TryTake(out record), "the line is there");
        Assert.Equal((400, "test", client.LocalEndPoint!.ToString(), 1), (record.Status, record.Listener, record.Client.ToString(), server.Services.Gate.Malformed));
    }

    private static Task Hello(Exchange exchange) => Page.WriteAsync(exchange, 404);

    private static string ReadText(Socket client)
    {
        byte[] bytes = new byte[4096];
        string text = "";
        while (!text.Contains("Found\n", StringComparison.Ordinal))
            text += Encoding.ASCII.GetString(bytes, 0, client.Receive(bytes));
        return text;
    }

    private static string ReadToEnd(Socket client)
    {
        byte[] bytes = new byte[4096];
        StringBuilder text = new();
        for (int read = client.Receive(bytes); read > 0; read = client.Receive(bytes))
            text.Append(Encoding.ASCII.GetString(bytes, 0, read));
        return text.ToString();
    }
}
