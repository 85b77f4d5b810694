using System.Net;
using System.Net.Sockets;
using FastSni.Http;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Http;

/// <summary>The end of a connection whose client has ended already, which is how most end: nothing may be lost, reset or thrown.</summary>
public sealed class LingeringCloseTests : IDisposable
{
    private readonly SocketLoops _loops = new();

    public void Dispose() => _loops.Dispose();

    [Fact]
    public async Task A_client_that_has_ended_with_bytes_unread_gets_the_whole_answer_and_an_end_and_no_reset()
    {
        (Socket client, LoopSocket server) = Connect();
        using (client)
        {
            byte[] answer = new byte[100_000];
            using (server)
            {
                client.SendAll(new byte[50_000]);
                client.Shutdown(SocketShutdown.Send);
                await Eventually.IsTrueAsync(() => server.HasPeerEnded, "the client's end has come");
                await server.SendAsync(answer);
                Task closing = LingeringClose.RunAsync(server);
                Assert.True(closing.IsCompletedSuccessfully);
                Assert.Equal(0, server.UnreadBytes);
            }
            Assert.Equal(answer.Length, CountToEnd(client));
        }
    }

    [Fact]
    public async Task A_client_that_has_reset_is_no_exception()
    {
        (Socket client, LoopSocket server) = Connect();
        using (server)
        {
            client.Close(0);
            await Eventually.IsTrueAsync(() => server.HasPeerEnded, "the reset has come");
            Assert.True(LingeringClose.RunAsync(server).IsCompletedSuccessfully);
        }
    }

    [Fact]
    public async Task A_client_that_has_not_ended_is_sent_the_end_and_waited_for()
    {
        (Socket client, LoopSocket server) = Connect();
        using (client)
        using (server)
        {
            Task closing = LingeringClose.RunAsync(server);
            Assert.Equal(0, CountToEnd(client));
            client.SendAll(new byte[10]);
            client.Shutdown(SocketShutdown.Send);
            await closing.WaitAsync(Loopback.Patience);
            Assert.Equal(0, server.UnreadBytes);
        }
    }

    private (Socket Client, LoopSocket Server) Connect()
    {
        using Socket listener = Loopback.NewSocket();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket client = Loopback.NewSocket();
        client.Connect(listener.LocalEndPoint!);
        LoopSocket server = new(_loops.Next(), Detached.Of(listener.Accept()));
        server.Watch();
        return (client, server);
    }

    private static int CountToEnd(Socket socket)
    {
        byte[] buffer = new byte[16 * 1024];
        int bytes = 0;
        while (socket.Receive(buffer) is > 0 and int received)
            bytes += received;
        return bytes;
    }
}
