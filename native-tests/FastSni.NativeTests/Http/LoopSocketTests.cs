using System.Net;
using System.Net.Sockets;
using FastSni.Http;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Http;

/// <summary>Sockets on one loop: whoever waits is woken once there is something, on the loop, and is told when nothing will come any more.</summary>
public sealed class LoopSocketTests : IDisposable
{
    private const int Rounds = 2_000;

    private readonly SocketLoop _loop = new("test");

    public void Dispose() => _loop.Dispose();

    [Fact]
    public async Task Every_byte_arrives_in_order_however_sending_and_waiting_meet()
    {
        (Socket client, LoopSocket server) = Connect();
        using (client)
        using (server)
        {
            Task sending = Task.Run(async () =>
            {
                for (int round = 0; round < Rounds; round++)
                {
                    client.SendAll([(byte)round, (byte)(round >> 8), 0]);
                    // Now the reader is ahead, now it has to wait.
                    if (round % 7 == 0)
                        await Task.Yield();
                    if (round % 500 == 0)
                        await Task.Delay(2);
                }
                client.Shutdown(SocketShutdown.Send);
            });
            List<byte> got = [];
            byte[] buffer = new byte[100];
            while (await server.ReceiveAsync(buffer).AsTask().WaitAsync(Loopback.Patience) is > 0 and int received)
                got.AddRange(buffer.AsSpan(0, received));
            await sending;
            Assert.Equal(Enumerable.Range(0, Rounds).SelectMany(round => new[] { (byte)round, (byte)(round >> 8), (byte)0 }), got);
        }
    }

    [Fact]
    public async Task Who_waited_goes_on_on_the_loop()
    {
        (Socket client, LoopSocket server) = Connect();
        using (client)
        using (server)
        {
            TaskCompletionSource<string?> thread = new();
            // In the pool, for xunit has a context of its own to go on in.
            await Task.Run(() => server.ReceiveAsync(new byte[1]).AsTask().ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() => thread.SetResult(Thread.CurrentThread.Name)));
            client.SendAll("x"u8);
            Assert.Equal("test", await thread.Task.WaitAsync(Loopback.Patience));
        }
    }

    [Fact]
    public async Task What_is_known_to_be_empty_is_not_asked_again()
    {
        (Socket client, LoopSocket server) = Connect();
        using (client)
        using (server)
        {
            Task<int> receiving = server.ReceiveAsync(new byte[16]).AsTask();
            client.SendAll("abc"u8);
            Assert.Equal(3, await receiving.WaitAsync(Loopback.Patience));
            Task<int> waiting = server.WaitToReceiveAsync(default).AsTask();
            Assert.False(waiting.IsCompleted);
            client.SendAll("d"u8);
            await waiting.WaitAsync(Loopback.Patience);
        }
    }

    [Fact]
    public async Task An_end_that_came_with_the_bytes_is_found()
    {
        (Socket client, LoopSocket server) = Connect();
        using (server)
        {
            using (client)
                client.SendAll("abc"u8);
            await Eventually.IsTrueAsync(() => server.HasPeerEnded, "the end has come");
            Assert.Equal(3, await server.ReceiveAsync(new byte[16]).AsTask().WaitAsync(Loopback.Patience));
            Assert.Equal(0, await server.ReceiveAsync(new byte[16]).AsTask().WaitAsync(Loopback.Patience));
        }
    }

    [Fact]
    public async Task What_lies_behind_an_urgent_byte_is_found()
    {
        (Socket client, LoopSocket server) = Connect();
        using (client)
        using (server)
        {
            client.SendAll("ab"u8);
            client.Send("!"u8, SocketFlags.OutOfBand);
            client.SendAll("cd"u8);
            client.Shutdown(SocketShutdown.Send);
            string got = "";
            byte[] buffer = new byte[16];
            while (await server.ReceiveAsync(buffer).AsTask().WaitAsync(Loopback.Patience) is > 0 and int received)
                got += System.Text.Encoding.ASCII.GetString(buffer, 0, received);
            Assert.Equal("abcd", got);
        }
    }

    [Fact]
    public async Task Waiting_can_be_cancelled_and_begun_again()
    {
        (Socket client, LoopSocket server) = Connect();
        using (client)
        using (server)
        {
            for (int round = 0; round < 200; round++)
            {
                using CancellationTokenSource cancel = new();
                Task<int> waiting = server.ReceiveAsync(new byte[1], cancel.Token).AsTask();
                Task cancelling = Task.Run(cancel.Cancel);
                // Either may be first, and nothing may be lost.
                if (round % 2 == 0)
                    client.SendAll("x"u8);
                try
                {
                    Assert.Equal(1, await waiting.WaitAsync(Loopback.Patience));
                }
                catch (OperationCanceledException)
                {
                    if (round % 2 == 0)
                        Assert.Equal(1, await server.ReceiveAsync(new byte[1]).AsTask().WaitAsync(Loopback.Patience));
                }
                await cancelling;
            }
        }
    }

    [Fact]
    public async Task Closing_wakes_who_waits_and_who_comes_later_on_another_thread()
    {
        (Socket client, LoopSocket server) = Connect();
        using (client)
        {
            Task<int> receiving = server.ReceiveAsync(new byte[1]).AsTask();
            server.Abort();
            await Assert.ThrowsAsync<LinuxException>(() => receiving.WaitAsync(Loopback.Patience));
            await Assert.ThrowsAsync<LinuxException>(() => server.ReceiveAsync(new byte[1]).AsTask());
            Assert.Throws<LinuxException>(() => server.Send("x"u8));
            SocketException reset = await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync(new byte[1]).WaitAsync(Loopback.Patience));
            Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        }
    }

    [Fact]
    public async Task More_than_the_kernel_takes_is_sent_as_it_is_read()
    {
        const int Bytes = 20_000_000;
        (Socket client, LoopSocket server) = Connect();
        using (client)
        {
            Task sending = Task.Run(async () =>
            {
                using (server)
                    await server.SendAsync(new byte[Bytes]);
            });
            byte[] buffer = new byte[64 * 1024];
            int got = 0;
            while (client.Receive(buffer) is > 0 and int received)
                got += received;
            await sending.WaitAsync(Loopback.Patience);
            Assert.Equal(Bytes, got);
        }
    }

    [Fact]
    public async Task What_comes_after_a_turn_is_found()
    {
        (Socket client, LoopSocket server) = Connect();
        using (client)
        using (server)
        {
            byte[] one = new byte[1];
            client.SendAll(new byte[40]);
            // The turn ends behind the 32nd; the last of these is short, so that nothing is left to know of.
            for (int i = 0; i < 31; i++)
                Assert.Equal(1, await server.ReceiveAsync(one).AsTask().WaitAsync(Loopback.Patience));
            Assert.Equal(9, await server.ReceiveAsync(new byte[100]).AsTask().WaitAsync(Loopback.Patience));
            for (int i = 0; i < 40; i++)
            {
                Task<int> waiting = server.ReceiveAsync(new byte[100]).AsTask();
                await Task.Delay(i % 2);
                client.SendAll("x"u8);
                Assert.Equal(1, await waiting.WaitAsync(Loopback.Patience));
            }
        }
    }

    [Fact]
    public async Task A_socket_that_never_has_to_wait_gives_the_others_their_turn()
    {
        (Socket fast, LoopSocket first) = Connect();
        (Socket slow, LoopSocket second) = Connect();
        using (fast)
        using (slow)
        using (first)
        using (second)
        {
            long received = 0;
            bool isEnough = false;
            // One byte a time: what lies there lasts for long.
            Task reading = Task.Run(async () =>
            {
                await first.WaitToSendAsync(default);
                byte[] one = new byte[1];
                while (!Volatile.Read(ref isEnough) && await first.ReceiveAsync(one) > 0)
                    Interlocked.Increment(ref received);
            });
            using CancellationTokenSource stop = new();
            Task feeding = Task.Run(() =>
            {
                byte[] bytes = new byte[64 * 1024];
                while (!stop.IsCancellationRequested && fast.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectWrite) is var isWritable)
                {
                    if (isWritable)
                        fast.Send(bytes, 0, 1024, SocketFlags.None);
                }
            });
            await Eventually.IsTrueAsync(() => Interlocked.Read(ref received) > 100, "it is under way");
            for (int round = 0; round < 20; round++)
            {
                Task<int> answer = second.ReceiveAsync(new byte[8]).AsTask();
                slow.SendAll("ping"u8);
                Assert.Equal(4, await answer.WaitAsync(Loopback.Patience));
            }
            Volatile.Write(ref isEnough, true);
            await stop.CancelAsync();
            await feeding.WaitAsync(Loopback.Patience);
            await reading.WaitAsync(Loopback.Patience);
        }
    }

    private (Socket Client, LoopSocket Server) Connect()
    {
        using Socket listener = Loopback.NewSocket();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket client = Loopback.NewSocket();
        client.Connect(listener.LocalEndPoint!);
        client.NoDelay = true;
        LoopSocket server = new(_loop, Detached.Of(listener.Accept()));
        server.Watch();
        return (client, server);
    }
}
