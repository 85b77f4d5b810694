using System.Security.Cryptography;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>Passthrough, offload and port 80 beside each other in one gateway: nobody's bytes suffer.</summary>
public sealed class MixedTrafficTests
{
    private const int ItemBytes = 200_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Sessions_of_all_kinds_at_once_are_byte_exact(int workers)
    {
        int rounds = Scale.Of(100, 1000);
        using TestBackend echo = TestBackend.Start("echo", Scripts.EchoAsync);
        using WireBackend web = WireBackend.Start(EchoBodyAsync);
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(web.Url)
            .Gateway("workers", workers.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .Passthrough("echo", "echo.home.test", echo));
        using WireClient lasting = await gateway.EnterAsync(HttpRoom.Offload), lastingPlain = await gateway.EnterAsync(HttpRoom.Plain);
        await Parallel.ForEachAsync(Enumerable.Range(0, rounds * 3), new ParallelOptions { MaxDegreeOfParallelism = 12 }, async (number, _) =>
        {
            Task play = (number % 3) switch
            {
                0 => PassAsync(gateway, number),
                1 => PostAsync(gateway, HttpRoom.Offload, number),
                _ => PostAsync(gateway, HttpRoom.Plain, number),
            };
            await play.Within($"session {number}", Patience.BulkLimit);
        });
        // Opened before all of this, and used behind it.
        await EchoOverAsync(lasting, HttpRoom.Offload, 1);
        await EchoOverAsync(lastingPlain, HttpRoom.Plain, 2);
        web.AssertWellFormed();
        echo.AssertNoFaults();
        gateway.AssertAlive();
        Assert.Equal((rounds, (rounds * 2) + 2), (echo.Accepted, web.Requests.Count));
    }

    private static async Task PassAsync(Gateway gateway, int number)
    {
        using TestClient client = await gateway.ConnectAsync();
        byte[] hello = HelloBytes.For("echo.home.test"), item = new Pattern((ulong)number).Bytes(ItemBytes);
        Task sending = SendAllAsync(client, hello, item);
        byte[] back = await client.ReceiveExactlyAsync(hello.Length + item.Length);
        await sending;
        Assert.Equal(SHA256.HashData([.. hello, .. item]), SHA256.HashData(back));
        Assert.Empty((await client.ReceiveToEndAsync()).Bytes);
    }

    private static async Task SendAllAsync(TestClient client, byte[] hello, byte[] item)
    {
        await client.SendAsync(hello);
        await client.SendAsync(item);
        client.ShutdownSend();
    }

    private static async Task PostAsync(Gateway gateway, HttpRoom room, int number)
    {
        using WireClient client = await gateway.EnterAsync(room);
        await EchoOverAsync(client, room, number);
    }

    private static async Task EchoOverAsync(WireClient client, HttpRoom room, int number)
    {
        byte[] item = new Pattern((ulong)number).Bytes(ItemBytes);
        Task sending = SendAsync(client, $"POST /{number} HTTP/1.1\r\nHost: {HttpRooms.NameIn(room)}\r\nContent-Length: {item.Length}\r\n\r\n", item);
        WireResponse? response = await client.Responses.ReadAsync("POST");
        await sending;
        Assert.True(response is { Status: 200, IsComplete: true }, $"{response?.Status} {client.Responses.Ending}");
        Assert.Equal(SHA256.HashData(item), SHA256.HashData(response!.Body));
    }

    private static async Task SendAsync(WireClient client, string head, byte[] body)
    {
        await client.SendAsync(head);
        await client.SendAsync(body);
    }

    private static async Task EchoBodyAsync(WireExchange exchange)
    {
        await exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {exchange.Request.Body.Length}\r\n\r\n");
        await exchange.SendAsync(exchange.Request.Body);
    }
}
