namespace FastSni.Fuzz;

/// <summary>Changes inputs in the ways that break parsers: flipped bits, edge values, bytes lost, doubled and cut off, pieces of other inputs.</summary>
internal static class Mutator
{
    private static readonly byte[] EdgeValues = [0, 1, 0x16, 0x40, 0x7F, 0x80, 0xFF];

    /// <param name="seeds">Where pieces of other inputs come from.</param>
    internal static byte[] Mutate(byte[] seed, byte[][] seeds, Random random)
    {
        List<byte> bytes = [.. seed];
        for (int change = random.Next(1, 4); change > 0 && bytes.Count > 0; change--)
            Change(bytes, seeds, random);
        return [.. bytes];
    }

    private static void Change(List<byte> bytes, byte[][] seeds, Random random)
    {
        int at = random.Next(bytes.Count);
        int count = Math.Min(random.Next(1, 16), bytes.Count - at);
        switch (random.Next(8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes[at] = EdgeValues[random.Next(EdgeValues.Length)];
                break;
            case 3:
                bytes[at]++;
                break;
            case 4:
                bytes.RemoveRange(at, count);
                break;
            case 5:
                bytes.InsertRange(at, bytes.GetRange(at, count));
                break;
            case 6:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                bytes.InsertRange(at, seeds[random.Next(seeds.Length)].Take(count));
                break;
        }
    }
}
