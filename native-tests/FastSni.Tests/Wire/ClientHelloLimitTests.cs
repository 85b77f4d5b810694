using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

public class ClientHelloLimitTests
{
    [Theory]
    [InlineData(21_596)]
    [InlineData(60_000)]
    [InlineData(65_516)]    // With its four record headers exactly 64 KiB.
    public void A_hello_within_the_limit_is_read(int messageBytes)
    {
        byte[] wire = HelloBuilder.Records(HelloBuilder.MessageOf(messageBytes), 16384);
        Outcome outcome = Outcome.Of(wire, Outcome.DefaultLimitBytes);
        Assert.Equal(("sni", "app.example.org", wire.Length), (outcome.Verdict, outcome.Name, outcome.WireBytes));
    }

    [Fact]
    public void The_largest_hello_of_the_field_is_read_under_the_default_limit() =>
        Assert.Equal("tproxy.1022.kvin.wang", Outcome.Of(CorpusRow.Find("rustls-bug2227-clienthello").Bytes, Outcome.DefaultLimitBytes).Name);

    [Fact]
    public void One_byte_more_than_the_limit_is_too_large()
    {
        byte[] wire = HelloBuilder.Records(HelloBuilder.MessageOf(3000), 1000);
        Assert.Equal(HelloStatus.Complete, Outcome.Of(wire, wire.Length).Status);
        Assert.Equal(HelloStatus.TooLarge, Outcome.Of(wire, wire.Length - 1).Status);
    }

    [Fact]
    public void Record_headers_count()
    {
        byte[] wire = HelloBuilder.Records(HelloBuilder.MessageOf(11_000), 1);
        Assert.Equal(66_000, wire.Length);
        Assert.Equal(HelloStatus.TooLarge, Outcome.Of(wire, Outcome.DefaultLimitBytes).Status);
        // 11,000 bytes are no offence in themselves: it shows only when most of the room has gone to headers.
        Assert.Equal(HelloStatus.Incomplete, Outcome.Of(wire.AsSpan(0, 60_000), Outcome.DefaultLimitBytes).Status);
        Assert.Equal(HelloStatus.TooLarge, Outcome.Of(wire.AsSpan(0, Outcome.DefaultLimitBytes), Outcome.DefaultLimitBytes).Status);
    }

    [Fact]
    public void What_is_only_announced_is_not_too_large_until_the_limit_has_come()
    {
        byte[] wire = HelloBuilder.Records(HelloBuilder.MessageOf(70_000), 16384);
        Assert.Equal(HelloStatus.Incomplete, Outcome.Of(wire.AsSpan(0, 9), Outcome.DefaultLimitBytes).Status);
        Assert.Equal(HelloStatus.Incomplete, Outcome.Of(wire.AsSpan(0, Outcome.DefaultLimitBytes - 1), Outcome.DefaultLimitBytes).Status);
        Assert.Equal(HelloStatus.TooLarge, Outcome.Of(wire.AsSpan(0, Outcome.DefaultLimitBytes), Outcome.DefaultLimitBytes).Status);
    }

    [Fact]
    public void What_comes_beyond_the_limit_changes_no_verdict()
    {
        byte[] tooLarge = [.. HelloBuilder.Record(HelloBuilder.MessageOf(5_000).AsSpan(0, 2_000)), 0x17, 3, 3, 0, 0];
        Assert.Equal(HelloStatus.TooLarge, Outcome.Of(tooLarge.AsSpan(0, 1_024), 1_024).Status);
        Assert.Equal(HelloStatus.TooLarge, Outcome.Of(tooLarge, 1_024).Status);
        Assert.Equal(HelloStatus.Malformed, Outcome.Of(tooLarge).Status);
    }

    [Fact]
    public void Nothing_is_asked_for_beyond_the_limit()
    {
        byte[] wire = HelloBuilder.Records(HelloBuilder.MessageOf(400), 150);
        for (int limitBytes = 0; limitBytes <= wire.Length; limitBytes++)
        {
            for (int length = 0; length <= wire.Length; length++)
            {
                // Outcome.Of asserts the range of needBytes.
                Outcome outcome = Outcome.Of(wire.AsSpan(0, length), limitBytes);
                if (limitBytes < wire.Length)
                    Assert.NotEqual(HelloStatus.Complete, outcome.Status);
                if (length >= limitBytes && limitBytes < wire.Length)
                    Assert.Equal(HelloStatus.TooLarge, outcome.Status);
            }
        }
    }
}
