using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using FastSni.LoadTests.Staging;

namespace FastSni.LoadTests.Soak;

/// <summary>
/// The server behind passthrough and tcp routes. It checks who it is told about, that the hello is whole and is followed by its own order, and every byte
/// it is sent.
/// </summary>
internal sealed class StreamBackend(Ledger ledger, Upheavals upheavals, bool hearsProxy, bool hearsHello) : LoopbackServer
{
    private const int BufferBytes = 32_768, ProxyBytes = 16;

    protected override async Task ServeAsync(Socket client)
    {
        long began = Upheavals.Now;
        byte[] buffer = new byte[BufferBytes];
        NetworkStream stream = new(client);
        IPEndPoint? source = hearsProxy ? await ReadProxyAsync(stream, buffer) : null;
        Guid? helloTag = hearsHello ? await ReadHelloAsync(stream, buffer) : null;
        await stream.ReadExactlyAsync(buffer.AsMemory(0, Order.WireBytes));
        Order order = Order.Read(buffer);
        if (helloTag is Guid tag && tag != order.Tag)
            ledger.NotExpected($"the hello of {tag} came before the order of {order.Tag}");
        if (source is not null && ledger.Sources.TryGetValue(order.Tag, out IPEndPoint? expected) && !source.Equals(expected))
            ledger.NotExpected($"the PROXY header said {source}, the client was {expected}");
        switch (order.Errand)
        {
            case Errand.Echo:
                await EchoAsync(stream, buffer);
                break;
            case Errand.Download:
                await stream.SendPatternAsync(order.Tag, order.Bytes);
                break;
            case Errand.Upload:
                await TakeAsync(stream, order, buffer, began);
                break;
        }
        client.Shutdown(SocketShutdown.Send);
        while (await stream.ReadAsync(buffer) > 0)
        {
        }
    }

    private static async Task<IPEndPoint> ReadProxyAsync(NetworkStream stream, byte[] buffer)
    {
        await stream.ReadExactlyAsync(buffer.AsMemory(0, ProxyBytes));
        int length = BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(14));
        await stream.ReadExactlyAsync(buffer.AsMemory(0, length));
        return new(new IPAddress(buffer.AsSpan(0, 4)), BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(8)));
    }

    private static async Task<Guid> ReadHelloAsync(NetworkStream stream, byte[] buffer)
    {
        await stream.ReadExactlyAsync(buffer.AsMemory(0, SoakHello.RecordHeaderBytes));
        int length = BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(3));
        await stream.ReadExactlyAsync(buffer.AsMemory(0, length));
        return new(buffer.AsSpan(SoakHello.TagOffset - SoakHello.RecordHeaderBytes, 16));
    }

    private static async Task EchoAsync(NetworkStream stream, byte[] buffer)
    {
        while (await stream.ReadAsync(buffer) is int count and > 0)
            await stream.WriteAsync(buffer.AsMemory(0, count));
    }

    private async Task TakeAsync(NetworkStream stream, Order order, byte[] buffer, long began)
    {
        Pattern pattern = new(order.Tag);
        long total = 0;
        while (await stream.ReadAsync(buffer) is int count and > 0)
        {
            if (!pattern.Matches(total, buffer.AsSpan(0, count)))
            {
                ledger.NotExpected($"wrong bytes at the backend behind {total} of {order.Bytes}");
                return;
            }
            total += count;
        }
        // A reset would have thrown: this is an end in order, so the body must be whole.
        if (total != order.Bytes && !upheavals.IsDrained(began))
            ledger.NotExpected($"a body of {order.Bytes} bytes ended in order behind {total}");
        await stream.WriteAsync(new Order(order.Tag, order.Errand, total).ToBytes());
    }
}
