using System.Net.Sockets;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using FastSni.Tests.Wire;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>The public corpus of ClientHellos, played through a whole gateway.</summary>
public class CorpusTests
{
    [Fact]
    public async Task Every_hello_of_the_corpus_in_one_write_has_the_allowed_end_and_arrives_unchanged()
    {
        using Backend named = Backend.Start(), nameless = Backend.Start();
        Setup setup = new() { Named = named.Options, Nameless = nameless.Options, Options = new() { HelloTimeout = TimeSpan.FromSeconds(0.1) } };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Snapshot);
        List<string> wrong = [];
        foreach (CorpusRow row in CorpusRow.ClientHellos)
        {
            if (await PlayAsync(gateway, named, nameless, row) is { } fault)
                wrong.Add($"{row.Id}: {fault}");
        }
        Assert.Empty(wrong);
        await gateway.HasSessionsAsync(0);
    }

    private static async Task<string?> PlayAsync(TestGateway gateway, Backend named, Backend nameless, CorpusRow row)
    {
        using Socket client = gateway.Connect(row.Bytes);
        Outcome expected = Outcome.Of(row.Bytes, Outcome.DefaultLimitBytes);
        if (expected.Status == HelloStatus.Complete)
        {
            using Socket server = await (expected.Name.Length > 0 ? named : nameless).AcceptAsync();
            bool isWhole = server.ReadExactly(row.Bytes.Length).AsSpan().SequenceEqual(row.Bytes);
            server.Close();
            client.ReadToEnd();
            client.Close();
            SessionRecord record = await gateway.NextRecordAsync();
            if (!isWhole)
                return "not as it was sent";
            return row.Allows(expected) && record.End == CloseReason.Complete ? null : $"{expected.Verdict} {expected.Name} {record.End}";
        }
        client.ReadToLast();
        client.Close();
        CloseReason end = await gateway.NextEndAsync();
        string verdict = end is CloseReason.HelloTimeout or CloseReason.Complete ? "incomplete" : "invalid";
        bool isContacted = named.HasCallers || nameless.HasCallers;
        return verdict == expected.Verdict && !isContacted ? null : $"{end} for {expected.Verdict}, a backend was contacted: {isContacted}";
    }
}
