using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using FastSni.Wire;
using Tmds.Linux;

namespace FastSni.Linux;

/// <summary>A sockaddr (IPv4, IPv6 or unix) in the kernel's own form: 112 bytes at most, on the stack (sockaddr_un is the largest we use).</summary>
internal unsafe struct SocketAddress
{
    internal const int BytesMax = 112;
    private const int V4Bytes = 16, V6Bytes = 28, UnixPathOffset = 2, UnixPathBytesMax = 107;

    private fixed byte _bytes[BytesMax];

    internal int Length;

    internal static SocketAddress From(IpEndpoint endpoint)
    {
        SocketAddress address = default;
        // SAFETY: the span covers the fixed buffer of a local that outlives it.
        var bytes = new Span<byte>(address._bytes, BytesMax);
        MemoryMarshal.Write(bytes, (ushort)(endpoint.IsV4 ? LibC.AF_INET : LibC.AF_INET6));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], endpoint.Port);
        // sockaddr_in has the address at 4; sockaddr_in6 has the flow label there and the address at 8.
        endpoint.CopyAddress(bytes[(endpoint.IsV4 ? 4 : 8)..]);
        address.Length = endpoint.IsV4 ? V4Bytes : V6Bytes;
        return address;
    }

    internal static SocketAddress FromUnixPath(string path)
    {
        SocketAddress address = default;
        var bytes = new Span<byte>(address._bytes, BytesMax);
        MemoryMarshal.Write(bytes, (ushort)LibC.AF_UNIX);
        if (Encoding.UTF8.GetByteCount(path) > UnixPathBytesMax)
            throw new ArgumentException($"A unix socket path has at most {UnixPathBytesMax} bytes: {path}", nameof(path));
        int written = Encoding.UTF8.GetBytes(path, bytes[UnixPathOffset..]);
        address.Length = UnixPathOffset + written + 1;
        return address;
    }

    /// <summary>The address as a value; none for a unix peer or an unknown family.</summary>
    internal IpEndpoint ToEndpoint()
    {
        fixed (byte* start = _bytes)
        {
            // SAFETY: the span covers the fixed buffer, pinned here.
            var bytes = new ReadOnlySpan<byte>(start, BytesMax);
            int family = MemoryMarshal.Read<ushort>(bytes);
            ushort port = System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            if (family == LibC.AF_INET)
                return IpEndpoint.Create(bytes.Slice(4, 4), port);
            return family == LibC.AF_INET6 ? IpEndpoint.Create(bytes.Slice(8, 16), port) : default;
        }
    }

    internal sockaddr* Pointer => (sockaddr*)Unsafe.AsPointer(ref this);   // SAFETY: callers hold it as a local for the call only.
}
