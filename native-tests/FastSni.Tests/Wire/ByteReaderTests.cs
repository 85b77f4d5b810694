using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

public class ByteReaderTests
{
    [Fact]
    public void Numbers_are_big_endian_and_never_read_past_the_end()
    {
        var reader = new ByteReader([1, 2, 3, 4]);
        Assert.True(reader.TryReadUInt(3, out int value));
        Assert.Equal(0x010203, value);
        Assert.False(reader.TryReadUInt(2, out _));
        Assert.Equal(1, reader.Remaining);
        Assert.True(reader.TryReadUInt(1, out value));
        Assert.Equal(4, value);
        Assert.True(reader.AtEnd);
    }

    [Fact]
    public void A_vector_is_as_long_as_it_says_or_is_not_read()
    {
        var reader = new ByteReader([2, 7, 8, 0, 3, 9]);
        Assert.True(reader.TryReadVector(1, out ReadOnlySpan<byte> vector));
        Assert.Equal([7, 8], vector.ToArray());
        Assert.True(reader.TryReadVector(1, out vector));
        Assert.True(vector.IsEmpty);
        Assert.False(reader.TryReadVector(1, out vector));
        Assert.True(vector.IsEmpty);
    }
}
