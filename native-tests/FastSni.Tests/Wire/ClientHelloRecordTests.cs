using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Wire;

public class ClientHelloRecordTests
{
    private const int CutsPerRow = 4;

    [Fact]
    public void However_a_hello_is_cut_into_records_it_has_the_same_name_and_protocols()
    {
        var random = new Random(20260704);
        foreach (CorpusRow row in CorpusRow.WithName)
        {
            byte[] stream = HelloBuilder.Stream(row.Bytes);
            Outcome inOnePiece = Outcome.Of(row.Bytes);
            for (int cut = 0; cut < CutsPerRow; cut++)
                AssertSame(inOnePiece, HelloBuilder.RandomRecords(stream, random));
            AssertSame(inOnePiece, HelloBuilder.Records(stream, 1));
        }
    }

    [Fact]
    public void A_hello_may_be_cut_into_two_records_anywhere()
    {
        byte[] message = HelloBuilder.Message(HelloBuilder.ServerName("mail.example.org"), HelloBuilder.Alpn("h2", "imap"));
        Outcome inOnePiece = Outcome.Of(HelloBuilder.Record(message));
        Assert.Equal(("mail.example.org", "h2,imap"), (inOnePiece.Name, inOnePiece.Alpn));
        for (int cut = 1; cut < message.Length; cut++)
            AssertSame(inOnePiece, HelloBuilder.Records(message, cut, message.Length));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(21)]
    [InlineData(23)]
    [InlineData(0x47)]
    public void No_other_record_may_come_between(byte type)
    {
        byte[] message = HelloBuilder.MessageOf(200);
        byte[] other = HelloBuilder.Record([1, 0], type);
        byte[] wire = [.. HelloBuilder.Record(message.AsSpan(0, 100)), .. other, .. HelloBuilder.Record(message.AsSpan(100))];
        Assert.Equal(HelloStatus.Malformed, Outcome.Of(wire).Status);
        Assert.Equal(HelloStatus.Malformed, Outcome.Of(wire.AsSpan(0, 5 + 100 + 1)).Status);
    }

    [Fact]
    public void An_empty_record_between_is_refused()
    {
        byte[] message = HelloBuilder.MessageOf(200);
        byte[] wire = [.. HelloBuilder.Record(message.AsSpan(0, 100)), .. HelloBuilder.Record([]), .. HelloBuilder.Record(message.AsSpan(100))];
        Assert.Equal(HelloStatus.Malformed, Outcome.Of(wire).Status);
    }

    [Fact]
    public void A_hello_in_one_record_is_read_where_it_lies()
    {
        byte[] wire = HelloBuilder.Record(HelloBuilder.Message(HelloBuilder.ServerName("app.example.org")));
        byte[] before = [.. wire];
        ClientHello.Read(wire, Outcome.DefaultLimitBytes, out ClientHello hello, out _);
        Assert.True(wire.AsSpan().Overlaps(hello.ServerName));
        Assert.Equal(before, wire);
    }

    private static void AssertSame(Outcome expected, byte[] wire)
    {
        Outcome outcome = Outcome.Of(wire);
        Assert.Equal((expected.Status, expected.Name, expected.Alpn), (outcome.Status, outcome.Name, outcome.Alpn));
    }
}
