using System.Numerics;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

/// <summary>needBytes becomes SO_RCVLOWAT: too much of it stalls a client for ever, too little wakes the loop for each byte.</summary>
public class ClientHelloWaitingTests
{
    [Fact]
    public void A_dripped_hello_in_one_record_is_looked_at_four_times()
    {
        byte[] wire = HelloBuilder.Record(HelloBuilder.MessageOf(1800));
        Assert.Equal([0, 1, 5, 9, wire.Length], Looks(wire));
    }

    [Fact]
    public void A_message_that_outgrows_a_record_is_waited_for_with_the_headers_it_needs()
    {
        byte[] message = HelloBuilder.MessageOf(40_000);
        byte[] wire = HelloBuilder.Records(message, 16384);
        Assert.Equal(40_000 + 3 * 5, wire.Length);
        Assert.Equal([0, 1, 5, 9, wire.Length], Looks(wire));
    }

    [Fact]
    public void A_handshake_header_in_four_records_is_waited_for_record_by_record()
    {
        byte[] message = HelloBuilder.MessageOf(300);
        byte[] wire = [.. HelloBuilder.Records(message.AsSpan(0, 4), 1), .. HelloBuilder.Record(message.AsSpan(4))];
        Assert.Equal([0, 1, 5, 6, 11, 12, 17, 18, 23, 24, wire.Length], Looks(wire));
    }

    [Fact]
    public void Waiting_for_what_is_asked_never_stalls_a_hello_however_it_is_cut()
    {
        var random = new Random(4711);
        foreach (CorpusRow row in CorpusRow.WithName)
        {
            byte[] stream = HelloBuilder.Stream(row.Bytes);
            Assert.Equal(row.Name, NameAfterLooks(HelloBuilder.RandomRecords(stream, random)));
            Assert.Equal(row.Name, NameAfterLooks(HelloBuilder.Records(stream, 1)));
        }
    }

    [Theory]
    [InlineData(200)]
    [InlineData(1_000)]
    [InlineData(10_922)]
    public void A_hello_in_one_byte_records_is_looked_at_a_logarithmic_number_of_times(int messageBytes)
    {
        byte[] wire = HelloBuilder.Records(HelloBuilder.MessageOf(messageBytes), 1);
        Assert.True(wire.Length <= Outcome.DefaultLimitBytes);
        // Each look sees a sixth of what was missing arrive: 6 wire bytes carry one. log 6/5 = 3.8 looks for each halving, and nine
        // before the length is known.
        Assert.InRange(Looks(wire).Count, 10, 10 + 4 * BitOperations.Log2((uint)messageBytes));
    }

    [Fact]
    public void A_bad_byte_is_refused_before_the_rest_has_come()
    {
        Assert.Equal(HelloStatus.Malformed, Outcome.Of([22, 2]).Status);
        Assert.Equal(HelloStatus.Malformed, Outcome.Of([22, 3, 1, 0, 0]).Status);
        Assert.Equal(HelloStatus.Malformed, Outcome.Of([22, 3, 1, 0x40, 1]).Status);
        Assert.Equal(HelloStatus.Malformed, Outcome.Of([22, 3, 1, 0, 100, 2]).Status);
        Assert.Equal(HelloStatus.Malformed, Outcome.Of([22, 3, 1, 0, 1, 1, 23]).Status);
        Assert.Equal(HelloStatus.Incomplete, Outcome.Of([22, 3, 1, 0x40, 0, 1]).Status);
    }

    [Fact]
    public void A_record_counts_only_when_all_of_it_is_there()
    {
        byte[] wire = HelloBuilder.Record([.. HelloBuilder.MessageOf(200), 1, 2, 3]);
        Assert.Equal(wire.Length, Outcome.Of(wire.AsSpan(0, 206)).NeedBytes);
        Assert.Equal((HelloStatus.Complete, wire.Length), (Outcome.Of(wire).Status, Outcome.Of(wire).WireBytes));
    }

    [Fact]
    public void Bytes_behind_the_hello_are_not_counted()
    {
        byte[] wire = HelloBuilder.Record(HelloBuilder.MessageOf(200));
        Assert.Equal(wire.Length, Outcome.Of([.. wire, .. HelloBuilder.Record([1, 2, 3], type: 23)]).WireBytes);
    }

    private static string NameAfterLooks(byte[] wire)
    {
        int last = Looks(wire)[^1];
        return Outcome.Of(wire.AsSpan(0, last)).Name;
    }

    /// <summary>How many bytes each look has seen, where just what was asked for comes in between; the last is the one that decides.</summary>
    private static List<int> Looks(byte[] wire)
    {
        List<int> looks = [0];
        while (Outcome.Of(wire.AsSpan(0, looks[^1])) is { Status: HelloStatus.Incomplete } outcome)
        {
            Assert.True(outcome.NeedBytes <= wire.Length, "asked for more than the hello has");
            looks.Add(outcome.NeedBytes);
        }
        return looks;
    }
}
