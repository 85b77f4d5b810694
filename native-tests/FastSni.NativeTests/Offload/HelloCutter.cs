namespace FastSni.NativeTests.Offload;

/// <summary>A client's transport that cuts the record of the ClientHello into several.</summary>
/// <param name="sizes">Of the records' contents; the last one goes on to the end.</param>
internal sealed class HelloCutter(Stream inner, Func<int, IEnumerable<int>> sizes) : Stream
{
    private bool _isCut;

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Bytes of the ClientHello that went through.</summary>
    internal int HelloBytes { get; private set; }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_isCut)
        {
            _isCut = true;
            HelloBytes = buffer.Length - 5;
            buffer = Cut(buffer.ToArray());
        }
        await inner.WriteAsync(buffer, cancellationToken);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);
    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
    public override void Flush() => inner.Flush();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }

    private byte[] Cut(byte[] record)
    {
        List<byte> wire = [];
        int from = 5;
        foreach (int size in sizes(record.Length - 5).Append(record.Length))
        {
            int taken = Math.Min(size, record.Length - from);
            if (taken == 0)
                break;
            wire.AddRange([record[0], record[1], record[2], (byte)(taken >> 8), (byte)taken, .. record.AsSpan(from, taken)]);
            from += taken;
        }
        return [.. wire];
    }
}
