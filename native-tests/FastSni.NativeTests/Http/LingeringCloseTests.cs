using System.Net;
using System.Net.Sockets;
using FastSni.Http;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Http;

/// <summary>The end of a connection whose client has ended already, which is how most end: nothing may be lost, reset or thrown.</summary>
public class LingeringCloseTests
{
    [Fact]
    public async Task A_client_that_has_ended_with_bytes_unread_gets_the_whole_answer_and_an_end_and_no_reset()
    {
        (Socket client, Socket server) = Connect();
        using (client)
        {
            byte[] answer = new byte[100_000];
            using (server)
            {
                client.SendAll(new byte[50_000]);
                client.Shutdown(SocketShutdown.Send);
                await Eventually.IsTrueAsync(() => StreamSocket.HasPeerEnded(server.SafeHandle), "the client's end has come");
                server.SendAll(answer);
                Task closing = LingeringClose.RunAsync(server);
                Assert.True(closing.IsCompletedSuccessfully);
                Assert.Equal(0, server.Available);
            }
            Assert.Equal(answer.Length, CountToEnd(client));
        }
    }

    [Fact]
    public async Task A_client_that_has_reset_is_no_exception()
    {
        (Socket client, Socket server) = Connect();
        using (server)
        {
            client.Close(0);
            await Eventually.IsTrueAsync(() => StreamSocket.HasPeerEnded(server.SafeHandle), "the reset has come");
            Assert.True(LingeringClose.RunAsync(server).IsCompletedSuccessfully);
        }
    }

    [Fact]
    public async Task A_client_that_has_not_ended_is_sent_the_end_and_waited_for()
    {
        (Socket client, Socket server) = Connect();
        using (client)
        using (server)
        {
            Task closing = LingeringClose.RunAsync(server);
            Assert.Equal(0, CountToEnd(client));
            client.SendAll(new byte[10]);
            client.Shutdown(SocketShutdown.Send);
            await closing.WaitAsync(Loopback.Patience);
            Assert.Equal(0, server.Available);
        }
    }

    private static (Socket Client, Socket Server) Connect()
    {
        using Socket listener = Loopback.NewSocket();
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket client = Loopback.NewSocket();
        client.Connect(listener.LocalEndPoint!);
        return (client, Loopback.Bound(listener.Accept()));
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
