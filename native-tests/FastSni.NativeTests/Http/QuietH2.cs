using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace FastSni.NativeTests.Http;

/// <summary>A client of one HTTP/2 connection (RFC 9113) on the caller's thread, with one request at a time.</summary>
internal sealed class QuietH2
{
    private const int HeaderBytes = 9, FrameBytesMax = 16_384;
    private const byte Data = 0, Headers = 1, Settings = 4, WindowUpdate = 8;
    private const byte EndStream = 0x1, Acknowledged = 0x1, EndHeaders = 0x4;

    private readonly Stream _stream;
    private readonly byte[] _request, _received = new byte[HeaderBytes + FrameBytesMax];
    private int _lastId = -1;

    internal QuietH2(Stream stream, string host)
    {
        _stream = stream;
        // RFC 7541: :method GET, :scheme https and :path / are in the static table, :authority is a literal that is not remembered.
        byte[] fields = [0x82, 0x87, 0x84, 0x01, (byte)host.Length, .. Encoding.ASCII.GetBytes(host)];
        _request = Frame(Headers, EndStream | EndHeaders, fields);
        // A window for more than is ever asked for.
        stream.Write([.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, []), .. Frame(WindowUpdate, 0, [0x3f, 0xff, 0xff, 0xff])]);
    }

    /// <summary>How many bytes the answer to one request has.</summary>
    internal int Get()
    {
        _lastId += 2;
        BinaryPrimitives.WriteInt32BigEndian(_request.AsSpan(5), _lastId);
        _stream.Write(_request);
        int bytes = 0;
        while (true)
        {
            _stream.ReadExactly(_received, 0, HeaderBytes);
            (int length, byte type, byte flags) = (BinaryPrimitives.ReadInt32BigEndian(_received) >> 8, _received[3], _received[4]);
            Assert.InRange(length, 0, FrameBytesMax);
            _stream.ReadExactly(_received, HeaderBytes, length);
            if (type == Settings && (flags & Acknowledged) == 0)
                _stream.Write(Frame(Settings, Acknowledged, []));
            if (type == Data)
                bytes += length;
            if (type is Data or Headers && (flags & EndStream) != 0)
                return bytes;
        }
    }

    private static byte[] Frame(byte type, int flags, byte[] payload) => [0, 0, (byte)payload.Length, type, (byte)flags, 0, 0, 0, 0, .. payload];
}
