using FastSni.Wire;

namespace FastSni.Fuzz;

/// <summary><see cref="ClientHello.Read"/>: one verdict however the bytes arrive, and no name that no server could have.</summary>
internal sealed class ClientHelloTarget : FuzzTarget
{
    // Small, so that small inputs reach it.
    private const int LimitBytes = 2048;

    internal override IEnumerable<byte[]> Seeds => [.. Corpus("clienthello.jsonl"), .. Corpus("clienthello-fuzz.jsonl"), .. Found("hello")];

    private readonly record struct Verdict(HelloStatus Status, string Name, string Alpn, int WireBytes);

    internal override void Run(ReadOnlySpan<byte> input)
    {
        (Verdict whole, _) = Read(input);
        (Verdict part, int needBytes) = Read(input[..CutOf(input)]);
        Hold(part.Status == HelloStatus.Incomplete || part == whole, "what follows changes no verdict");
        if (part.Status == HelloStatus.Incomplete && needBytes <= input.Length)
            Hold(Read(input[..(needBytes - 1)]).Verdict.Status != HelloStatus.Complete, "no hello is whole before needBytes");
        Hold(LookAsAsked(input) is var looked && (looked == whole || looked.Status == HelloStatus.Incomplete), "looking when asked to finds the same");
        if (whole.Status != HelloStatus.Complete)
            return;
        Hold(LookAsAsked(input[..whole.WireBytes]) == whole, "waiting for needBytes never stalls a whole hello");
        Hold(Read(input[..(whole.WireBytes - 1)]).Verdict.Status == HelloStatus.Incomplete, "a hello without its last byte is incomplete");
    }

    /// <summary>As a worker does: looks first at nothing, and again when there is what the look before has asked for.</summary>
    private static Verdict LookAsAsked(ReadOnlySpan<byte> input)
    {
        (Verdict verdict, int needBytes) = Read([]);
        while (verdict.Status == HelloStatus.Incomplete && needBytes <= input.Length)
            (verdict, needBytes) = Read(input[..needBytes]);
        return verdict;
    }

    private static (Verdict Verdict, int NeedBytes) Read(ReadOnlySpan<byte> input)
    {
        byte[] bytes = input.ToArray();
        HelloStatus status = ClientHello.Read(bytes, LimitBytes, out ClientHello hello, out int needBytes);
        bool isComplete = status == HelloStatus.Complete;
        Hold(status == HelloStatus.Incomplete ? needBytes > input.Length && needBytes <= LimitBytes : needBytes == 0, "needBytes asks for more, within the limit");
        Hold(isComplete ? hello.WireBytes > 0 && hello.WireBytes <= Math.Min(input.Length, LimitBytes) : hello.WireBytes == 0, "a hello lies within the bytes");
        Hold(hello.ServerName.Length <= 255 && !hello.ServerName.Contains((byte)0), "a name has 255 bytes at most and no NUL");
        Hold(isComplete || hello.ServerName.IsEmpty && hello.AlpnList.IsEmpty, "only a whole hello says anything");
        Hold(hello.IsJoined || status == HelloStatus.Malformed || input.SequenceEqual(bytes), "bytes that are looked at again are left alone");
        int alpnBytes = 0;
        foreach (ReadOnlySpan<byte> name in AlpnNames.Of(hello.AlpnList))
            alpnBytes += 1 + name.Length;
        Hold(alpnBytes == hello.AlpnList.Length, "the protocols fill their list");
        return (new Verdict(status, Convert.ToHexString(hello.ServerName), Convert.ToHexString(hello.AlpnList), hello.WireBytes), needBytes);
    }
}
