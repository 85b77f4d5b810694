namespace FastSni.EndToEnd.Harness;

/// <summary>
/// Lies between a TLS client and its socket and rewrites the first write, the ClientHello: cut into TLS records, into TCP writes, or both.
/// </summary>
/// <param name="cut">Makes of the hello the pieces that are written one by one.</param>
internal sealed class ReframingStream(Stream inner, Func<byte[], IEnumerable<byte[]>> cut) : Stream
{
    private bool _isThrough;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        IEnumerable<byte[]> pieces = _isThrough ? [buffer.ToArray()] : cut(buffer.ToArray());
        _isThrough = true;
        foreach (byte[] piece in pieces)
            await inner.WriteAsync(piece, cancellationToken);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }
}
