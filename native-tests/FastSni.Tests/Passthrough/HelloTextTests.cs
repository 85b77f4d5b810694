using FastSni.Passthrough;
using FastSni.Telemetry;
using Xunit;

namespace FastSni.Tests.Passthrough;

public class HelloTextTests
{
    private readonly BufferPool _pool = new(HelloText.BytesMax, idleMax: 4);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(15, 12)]
    [InlineData(38, 0)]
    [InlineData(0, 38)]
    [InlineData(26, 12)]
    [InlineData(27, 12)]
    [InlineData(48, 1)]
    [InlineData(255, 128)]
    public void Name_and_protocols_come_back_as_they_were(int nameBytes, int alpnBytes)
    {
        byte[] name = [.. Enumerable.Range(0, nameBytes).Select(i => (byte)i)];
        byte[] alpn = [.. Enumerable.Range(0, alpnBytes).Select(i => (byte)(255 - i))];
        HelloText text = default;
        text.Set(name, alpn, _pool);
        Assert.Equal(name, text.Name.ToArray());
        Assert.Equal(alpn, text.AlpnList.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(38)]
    [InlineData(39)]
    [InlineData(255)]
    public void What_browsers_offer_takes_no_room_and_comes_back(int nameBytes)
    {
        byte[] name = [.. Enumerable.Range(0, nameBytes).Select(i => (byte)i)];
        byte[] usual = [2, .. "h2"u8, 8, .. "http/1.1"u8];
        HelloText text = default;
        text.Set(name, usual, _pool);
        Assert.Equal(name, text.Name.ToArray());
        Assert.Equal(usual, text.AlpnList.ToArray());
        text.Set("next"u8, [], _pool);
        Assert.True(text.AlpnList.IsEmpty);
    }

    [Fact]
    public void What_is_longer_than_the_log_takes_is_cut()
    {
        HelloText text = default;
        text.Set(new byte[300], new byte[300], _pool);
        Assert.Equal((SessionRecord.NameBytesMax, SessionRecord.AlpnBytesMax), (text.Name.Length, text.AlpnList.Length));
    }

    [Fact]
    public void A_cleared_slot_has_neither()
    {
        HelloText text = default;
        text.Set(new byte[200], new byte[100], _pool);
        text.Release(_pool);
        Assert.True(text.Name.IsEmpty && text.AlpnList.IsEmpty);
        text.Set("short"u8, "\x2h2"u8, _pool);
        Assert.Equal("short"u8.ToArray(), text.Name.ToArray());
    }
}
