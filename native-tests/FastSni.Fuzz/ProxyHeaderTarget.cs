using System.Buffers.Binary;
using FastSni.Wire;

namespace FastSni.Fuzz;

/// <summary><see cref="ProxyHeader.Read"/>: one verdict however the bytes arrive, and endpoints that come back when we write them.</summary>
internal sealed class ProxyHeaderTarget : FuzzTarget
{
    internal override IEnumerable<byte[]> Seeds => [.. Corpus("proxyproto.jsonl"), .. Found("proxy")];

    private readonly record struct Verdict(ProxyHeaderStatus Status, int Bytes, bool IsLocal, IpEndpoint Source, IpEndpoint Destination, int TlvBytes);

    internal override void Run(ReadOnlySpan<byte> input)
    {
        (Verdict whole, _) = Read(input);
        (Verdict part, int needBytes) = Read(input[..CutOf(input)]);
        Hold(part.Status == ProxyHeaderStatus.Incomplete || part == whole, "what follows changes no verdict");
        if (part.Status == ProxyHeaderStatus.Incomplete && needBytes <= input.Length)
            Hold(Read(input[..(needBytes - 1)]).Verdict.Status == ProxyHeaderStatus.Incomplete, "a look before needBytes is not worth it");
        Hold(LookAsAsked(input) is var looked && (looked == whole || looked.Status == ProxyHeaderStatus.Incomplete), "looking when asked to finds the same");
        if (whole.Status != ProxyHeaderStatus.Complete)
            return;
        Hold(LookAsAsked(input[..whole.Bytes]) == whole, "waiting for needBytes never stalls a whole header");
        Hold(Read(input[..(whole.Bytes - 1)]).Verdict.Status == ProxyHeaderStatus.Incomplete, "a header without its last byte is incomplete");
        WriteAgain(whole);
    }

    private static void WriteAgain(Verdict read)
    {
        Span<byte> target = stackalloc byte[ProxyHeader.BytesMax];
        Verdict line = Read(target[..ProxyHeader.WriteV1(target, read.Source, read.Destination)]).Verdict;
        Verdict header = Read(target[..ProxyHeader.WriteV2(target, read.Source, read.Destination, new ProxyTlvSet { Crc32c = true })]).Verdict;
        Hold((line.Status, line.Source, line.Destination) == (ProxyHeaderStatus.Complete, read.Source, read.Destination), "version 1 brings the endpoints back");
        Hold((header.Status, header.Source, header.Destination) == (ProxyHeaderStatus.Complete, read.Source, read.Destination), "version 2 brings the endpoints back");
    }

    private static Verdict LookAsAsked(ReadOnlySpan<byte> input)
    {
        (Verdict verdict, int needBytes) = Read([]);
        while (verdict.Status == ProxyHeaderStatus.Incomplete && needBytes <= input.Length)
            (verdict, needBytes) = Read(input[..needBytes]);
        return verdict;
    }

    private static (Verdict Verdict, int NeedBytes) Read(ReadOnlySpan<byte> input)
    {
        ProxyHeaderStatus status = ProxyHeader.Read(input, out ReceivedProxyHeader header, out int needBytes);
        bool isComplete = status == ProxyHeaderStatus.Complete;
        Hold(status == ProxyHeaderStatus.Incomplete ? needBytes > input.Length && needBytes <= ProxyHeader.ReceivedBytesMax : needBytes == 0,
            "needBytes asks for more, within the limit");
        Hold(isComplete ? header.Bytes > 0 && header.Bytes <= input.Length : header.Bytes == 0, "a header lies within the bytes");
        Hold(header.Source.IsNone == header.Destination.IsNone, "there are two endpoints or none");
        Hold(header.Source.IsNone || isComplete && !header.IsLocal, "only a whole header that speaks for a client names one");
        Hold((status == ProxyHeaderStatus.None) == (ProxyHeader.MatchSignature(input) == SignatureMatch.None), "what has no signature is no header");
        Hold(header.Tlvs.IsEmpty || isComplete && input[..header.Bytes].EndsWith(header.Tlvs), "the TLVs are the header's end");
        for (ReadOnlySpan<byte> rest = header.Tlvs; !rest.IsEmpty;)
        {
            Hold(rest.Length >= 3 && rest.Length >= 3 + BinaryPrimitives.ReadUInt16BigEndian(rest[1..]), "every TLV is whole");
            rest = rest[(3 + BinaryPrimitives.ReadUInt16BigEndian(rest[1..]))..];
        }
        return (new Verdict(status, header.Bytes, header.IsLocal, header.Source, header.Destination, header.Tlvs.Length), needBytes);
    }
}
