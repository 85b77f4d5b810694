using System.Net;
using System.Net.Sockets;

namespace FastSni.LoadTests.Soak;

/// <summary>Clients nobody wants. The gateway must end each of them by itself, and give none of them a byte of anybody's.</summary>
internal sealed class HostileVisit(SoakDoors doors, Ledger ledger, Upheavals upheavals)
{
    // Far above the longest hello-timeout: who is still there then was forgotten.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan DripPause = TimeSpan.FromMilliseconds(300);
    private const int AlertBytesMax = 64;
    private const int GreedySessions = SoakConfig.SessionsOfAClientMax + 6;

    public Task RunAsync() => Random.Shared.Next(8) switch
    {
        0 => SendAsync("noise", doors.Https, Noise(Random.Shared.Next(1, 3000))),
        1 => SendAsync("broken-hello", doors.Https, [0x16, 0x03, 0x01, 0x02, 0x00, .. Noise(512)]),
        2 => SendAsync("unknown-name", doors.Https, SoakHello.For("nobody.soak.test", Guid.NewGuid(), 100)),
        3 => SendAsync("stranger-with-proxy", doors.Https, SoakHello.Proxy(new(IPAddress.Parse("192.0.2.1"), 1), doors.Https)),
        4 => SendAsync("proxy-missing", doors.Proxied, SoakHello.For(SoakConfig.NameA, Guid.NewGuid(), 0)),
        5 => SendAsync("silence", doors.Https, []),
        6 => DripAsync(),
        _ => BeGreedyAsync(),
    };

    private static byte[] Noise(int bytes)
    {
        byte[] noise = new byte[bytes];
        Random.Shared.NextBytes(noise);
        // Anything but the first byte of TLS.
        noise[0] = (byte)(noise[0] | 0x80);
        return noise;
    }

    private async Task SendAsync(string kind, IPEndPoint door, byte[] bytes)
    {
        using Socket socket = await Door.ConnectAsync(door);
        if (await HearsAnEndAsync(socket, async () => await socket.SendAsync(bytes)))
            ledger.Done($"hostile-{kind}");
        else
            ledger.NotExpected($"{kind} was not ended");
    }

    private async Task DripAsync()
    {
        using Socket socket = await Door.ConnectAsync(doors.Https);
        byte[] hello = SoakHello.For(SoakConfig.NameA, Guid.NewGuid(), 1500);
        bool ended = await HearsAnEndAsync(socket, async () =>
        {
            for (int at = 0; at < hello.Length - 1; at++)
            {
                await socket.SendAsync(hello.AsMemory(at, 1));
                await Task.Delay(DripPause);
            }
        });
        if (ended)
            ledger.Done("hostile-drip");
        else
            ledger.NotExpected("a hello that drips was not ended");
    }

    private static async Task<bool> HearsAnEndAsync(Socket socket, Func<Task> sendAsync)
    {
        using CancellationTokenSource patience = new(Patience);
        Task sending = IgnoringResetAsync(sendAsync);
        byte[] alert = new byte[AlertBytesMax];
        try
        {
            int total = 0;
            while (total < AlertBytesMax && await socket.ReceiveAsync(alert, patience.Token) is int count and > 0)
                total += count;
            return total < AlertBytesMax;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            socket.Dispose();
            await sending;
        }
    }

    private static async Task IgnoringResetAsync(Func<Task> sendAsync)
    {
        try
        {
            await sendAsync();
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // It was ended while we spoke, which is what we want.
        }
    }

    /// <summary>More sessions than one client may have: some are served, some are refused.</summary>
    private async Task BeGreedyAsync()
    {
        IPEndPoint greedy = new(IPAddress.Parse("203.0.113.9"), 4000 + Random.Shared.Next(1000));
        Door door = new("greedy", doors.Proxied, SoakConfig.NameA, SpeaksProxy: true);
        bool[] served = await Task.WhenAll(Enumerable.Range(0, GreedySessions).Select(_ => IsServedAsync(door, greedy)));
        if (served.All(one => one) && !upheavals.IsLeftBehind(Upheavals.Now))
            ledger.NotExpected($"{served.Length} sessions of one client were served at once");
        else
            ledger.Done("hostile-greedy");
        ledger.Expected("over the limit of one client", served.Count(one => !one));
    }

    private async Task<bool> IsServedAsync(Door door, IPEndPoint source)
    {
        using Socket socket = await Door.ConnectAsync(door.EndPoint);
        Guid tag = Guid.NewGuid();
        ledger.Sources[tag] = source;
        try
        {
            NetworkStream stream = new(socket);
            using CancellationTokenSource patience = new(Patience);
            await stream.WriteAsync(new byte[][] { door.Greeting(tag, source), new Order(tag, Errand.Echo, 0).ToBytes(), new byte[1] }.SelectMany(part => part).ToArray(), patience.Token);
            bool isServed = await stream.ReadAsync(new byte[1], patience.Token) == 1;
            // All are open at the same time for a while.
            await Task.Delay(1000, patience.Token);
            return isServed;
        }
        catch (IOException)
        {
            return false;
        }
        finally
        {
            ledger.Sources.TryRemove(tag, out _);
        }
    }
}
