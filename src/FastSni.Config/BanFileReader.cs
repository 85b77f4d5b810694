using System.Collections.Immutable;
using System.Net;
using System.Text;
using FastSni.Config.Ini;
using FastSni.Config.Names;
using FastSni.Config.Rules;
using FastSni.Config.Schema;
using FastSni.Wire;

namespace FastSni.Config;

/// <summary>What `[bans] file` holds. Wrong lines are passed over.</summary>
/// <param name="Prefixes">In the order of the lines; the same one may come twice.</param>
/// <param name="Problems">The first wrong lines.</param>
/// <param name="FurtherProblems">How many more lines are wrong.</param>
/// <param name="Error">Why the file could not be read, fit for an operator; null where it was.</param>
public sealed record BanFile(
    ImmutableArray<AddressPrefix> Prefixes, ImmutableArray<BanFileProblem> Problems, int FurtherProblems, string? Error);

/// <param name="Line">From 1.</param>
/// <param name="Sentence">What is wrong and what would be right.</param>
public sealed record BanFileProblem(int Line, string Sentence);

/// <summary>
/// Reads one address or prefix a line; blank lines are passed over, and what follows a # or ;, behind an entry too: published blocklists have both.
/// </summary>
public static class BanFileReader
{
    /// <summary>What lies behind is not read: an endless file ends here.</summary>
    public const int LinesMax = 1_000_000;

    private const int ProblemsMax = 20;

    /// <summary>Never throws for what the file holds or lacks.</summary>
    public static BanFile Read(string file)
    {
        try
        {
            using FileStream stream = InputFile.Open(file);
            return Read(new LineReader(stream));
        }
        catch (Exception exception) when (InputFile.IsExpected(exception))
        {
            return new BanFile([], [], 0, InputFile.Describe(exception, file));
        }
    }

    private static BanFile Read(LineReader lines)
    {
        ImmutableArray<AddressPrefix>.Builder prefixes = ImmutableArray.CreateBuilder<AddressPrefix>();
        List<BanFileProblem> problems = [];
        int further = 0;
        NetworkRule rule = new();
        while (lines.LineNumber <= LinesMax && lines.TryRead(out Span<byte> line))
        {
            List<string> sentences = [];
            if (lines.LineNumber > LinesMax)
                sentences.Add($"the file has more than {LinesMax:N0} lines, and the rest is not read: write prefixes instead of single addresses");
            else if (lines.IsTooLong)
                sentences.Add($"a line of more than {LineReader.LineBytesMax} bytes, and the rest is not read: write one address or prefix a line");
            else if (TextOf(line, lines.LineNumber) is { Length: > 0 } text && TryRead(rule, text, sentences, out AddressPrefix prefix))
                prefixes.Add(prefix);
            if (sentences.Count == 0)
                continue;
            if (problems.Count < ProblemsMax)
                problems.Add(new BanFileProblem(lines.LineNumber, sentences[0]));
            else
                further++;
        }
        return new BanFile(prefixes.DrainToImmutable(), [.. problems], further, null);
    }

    private static string TextOf(Span<byte> line, int number)
    {
        if (number == 1 && line.StartsWith(Encoding.UTF8.Preamble))
            line = line[Encoding.UTF8.Preamble.Length..];
        int comment = line.IndexOfAny((byte)'#', (byte)';');
        return Encoding.UTF8.GetString((comment < 0 ? line : line[..comment]).Trim(" \t"u8));
    }

    private static bool TryRead(NetworkRule rule, string text, List<string> problems, out AddressPrefix prefix)
    {
        prefix = default;
        if (!rule.TryRead(text, problems, out IPNetwork network))
            return false;
        if (network.PrefixLength == 0)
            problems.Add($"{Quote.Of(text)} is everybody: write a longer prefix");
        prefix = AddressPrefix.Of(network);
        return problems.Count == 0;
    }
}
