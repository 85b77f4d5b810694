using System.Net.Sockets;
using System.Text;
using FastSni.Http;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.NativeTests.Http;

/// <summary>Connections whose end is asked for from outside.</summary>
public class LeaseEndTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task An_idle_connection_is_reset_and_its_lease_returned_with_the_reason()
    {
        await using TestServer server = await TestServer.StartAsync(exchange => Page.WriteAsync(exchange, 404));
        (Socket client, TestLease lease) = await server.ConnectAsync();
        using (client)
        {
            client.SendAll(Encoding.ASCII.GetBytes(Get));
            client.ReadExactly(12);
            Assert.True(lease.RequestClose(CloseReason.Banned));
            Assert.Equal(SocketError.ConnectionReset, client.ReadToLast().End);
        }
        await Eventually.IsTrueAsync(() => lease.IsReturned, "the lease is returned");
        Assert.Equal(CloseReason.Banned, lease.Requested);
    }

    [Fact]
    public async Task A_request_in_flight_is_told_and_has_its_line()
    {
        TaskCompletionSource isWaiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(async exchange =>
        {
            isWaiting.SetResult();
            await Task.Delay(Timeout.Infinite, exchange.Aborted);
        });
        (Socket client, TestLease lease) = await server.ConnectAsync();
        using (client)
        {
            client.SendAll(Encoding.ASCII.GetBytes(Get));
            await isWaiting.Task.WaitAsync(Loopback.Patience);
            Assert.True(lease.RequestClose(CloseReason.ClosedByOperator));
            (byte[] bytes, SocketError end) = client.ReadToLast();
            Assert.Equal((0, SocketError.ConnectionReset), (bytes.Length, end));
        }
        await Eventually.IsTrueAsync(() => lease.IsReturned, "the lease is returned");
        RequestRecord record = default;
        await Eventually.IsTrueAsync(() => server.TryTake(out record), "the line is there");
        Assert.Equal((0, CloseReason.ClosedByOperator), (record.Status, lease.Requested));
    }

    [Fact]
    public async Task A_client_whose_end_was_asked_for_while_it_waited_is_closed_when_it_is_taken()
    {
        bool isServed = false;
        await using TestServer server = await TestServer.StartAsync(exchange =>
        {
            isServed = true;
            return Page.WriteAsync(exchange, 404);
        });
        TestLease lease = new();
        lease.RequestClose(CloseReason.Banned);
        (Socket client, _) = await server.ConnectAsync(lease: lease);
        using (client)
            Assert.Empty(client.ReadToLast().Bytes);
        await Eventually.IsTrueAsync(() => lease.IsReturned, "the lease is returned");
        Assert.Equal((CloseReason.Banned, false), (lease.Requested, isServed));
    }

    [Fact]
    public async Task What_is_left_at_the_end_of_a_drain_is_cut_as_drained()
    {
        TaskCompletionSource isWaiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(async exchange =>
        {
            isWaiting.SetResult();
            await Task.Delay(Timeout.Infinite, exchange.Aborted);
        });
        (Socket client, TestLease lease) = await server.ConnectAsync();
        using (client)
        {
            client.SendAll(Encoding.ASCII.GetBytes(Get));
            await isWaiting.Task.WaitAsync(Loopback.Patience);
            using CancellationTokenSource hurry = new();
            Task stopping = server.StopAsync(hurry.Token);
            await hurry.CancelAsync();
            Assert.Equal(SocketError.ConnectionReset, client.ReadToLast().End);
            await stopping.WaitAsync(Loopback.Patience);
        }
        await Eventually.IsTrueAsync(() => lease.IsReturned, "the lease is returned");
        Assert.Equal(CloseReason.Drained, lease.Requested);
    }
}
