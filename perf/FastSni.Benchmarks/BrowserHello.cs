using System.Buffers.Binary;
using System.Text.Json;

namespace FastSni.Benchmarks;

/// <summary>A current Chromium's ClientHello from the corpus (1,918 bytes: ML-KEM key share, ECH), cut into records of a chosen size.</summary>
internal static class BrowserHello
{
    private const string CorpusId = "pcap-chrome-pq-ech";
    private const int RecordHeaderBytes = 5;

    public static byte[] InRecordsOf(int payloadBytes)
    {
        byte[] captured = FromCorpus();
        ReadOnlySpan<byte> recordStart = captured.AsSpan(0, RecordHeaderBytes - 2);   // Type and version; the length is written anew.
        List<byte> records = [];
        Span<byte> length = stackalloc byte[2];
        foreach (byte[] payload in captured.Skip(RecordHeaderBytes).Chunk(payloadBytes))
        {
            records.AddRange(recordStart);
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)payload.Length);
            records.AddRange(length);
            records.AddRange(payload);
        }
        return [.. records];
    }

    private static byte[] FromCorpus()
    {
        using Stream corpus = typeof(BrowserHello).Assembly.GetManifestResourceStream("clienthello.jsonl")!;
        using StreamReader reader = new(corpus);
        while (reader.ReadLine() is string line)
        {
            JsonElement row = JsonSerializer.Deserialize<JsonElement>(line);
            if (row.GetProperty("id").GetString() == CorpusId)
                return Convert.FromHexString(row.GetProperty("hex").GetString()!);
        }
        throw new InvalidOperationException($"the corpus has no row {CorpusId}");
    }
}
