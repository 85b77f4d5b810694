using System.Collections.Immutable;
using FastSni.Wire;

namespace FastSni.Bans;

/// <summary>The lines of `[bans] file`: one address or prefix each; what follows a `#` or `;` is a comment.</summary>
/// <param name="Wrong">The numbers of the first lines that hold something else, from 1.</param>
/// <param name="FurtherWrong">How many more there are.</param>
internal sealed record BanFileLines(ImmutableArray<AddressPrefix> Prefixes, ImmutableArray<int> Wrong, int FurtherWrong)
{
    internal const int PrefixesMax = 1_000_000, WrongMax = 5;

    /// <summary>Throws what opening and reading throw (<see cref="FileTrouble"/>).</summary>
    internal static BanFileLines Read(string path)
    {
        ImmutableArray<AddressPrefix>.Builder prefixes = ImmutableArray.CreateBuilder<AddressPrefix>();
        List<int> wrong = [];
        int number = 0, further = 0;
        using StreamReader reader = LimitedFile.Open(path);
        while (reader.ReadLine() is { } line)
        {
            number++;
            int comment = line.AsSpan().IndexOfAny('#', ';');
            string text = (comment < 0 ? line : line[..comment]).Trim();
            if (text.Length == 0)
                continue;
            if (prefixes.Count < PrefixesMax && AddressPrefix.TryParse(text, out AddressPrefix prefix))
                prefixes.Add(prefix);
            else if (wrong.Count < WrongMax)
                wrong.Add(number);
            else
                further++;
        }
        return new BanFileLines(prefixes.DrainToImmutable(), [.. wrong], further);
    }
}
