using System.Text;
using FastSni.Config;

namespace FastSni.Fuzz;

/// <summary><see cref="ConfigLoader.Load"/>: a snapshot, or errors that stand in the file and can be printed.</summary>
internal sealed class IniTarget : FuzzTarget
{
    /// <summary>Files that the input names are looked for beside it: in a folder that has no others.</summary>
    private readonly string _folder = Directory.CreateTempSubdirectory("fastsni-fuzz-").FullName;

    private string MainFile => Path.Combine(_folder, "fastsni.ini");

    internal override IEnumerable<byte[]> Seeds =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "seeds"), "*.ini", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(File.ReadAllText).SelectMany(text => new[] { text, "\uFEFF" + text.Replace("\n", "\r\n", StringComparison.Ordinal) })
            .Select(Encoding.UTF8.GetBytes).Concat(Found("ini"));

    internal override void Run(ReadOnlySpan<byte> input)
    {
        ConfigResult result = Load(input);
        int lines = input.Count((byte)'\n') + 1;
        foreach (ConfigError error in result.Errors)
        {
            Hold(error.File != MainFile || error.Line >= 0 && error.Line <= lines, $"an error stands on a line of the file: {error}");
            AssertPrintable(error.ToString());
        }
        foreach (string warning in result.Snapshot?.Warnings ?? [])
            AssertPrintable(warning);
        AssertMovesWithALineAbove(input, result);
    }

    public override void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        base.Dispose();
    }

    private ConfigResult Load(ReadOnlySpan<byte> input)
    {
        File.WriteAllBytes(MainFile, input.ToArray());
        ConfigResult result = ConfigLoader.Load(MainFile);
        Hold(result.Snapshot is null != result.Errors.IsEmpty, "there is a snapshot, or there are errors");
        return result;
    }

    /// <summary>They go to a terminal: what a file holds must not move its cursor or end the line.</summary>
    private static void AssertPrintable(string sentence) =>
        Hold(sentence.Length > 0 && !sentence.Any(letter => char.IsControl(letter) && letter != '\t'), $"a sentence has no control characters: {sentence}");

    /// <summary>A comment above everything moves the errors by one line, and says nothing.</summary>
    private void AssertMovesWithALineAbove(ReadOnlySpan<byte> input, ConfigResult before)
    {
        if (input.StartsWith("\uFEFF"u8))
            return;     // A byte order mark is one at the beginning only.
        ConfigResult after = Load([.. "; a comment\n"u8, .. input]);
        Hold(before.Errors.Length == after.Errors.Length, "a comment makes and mends no error");
        for (int index = 0; index < before.Errors.Length; index++)
        {
            ConfigError moved = after.Errors[index];
            Hold(moved.Line == (before.Errors[index].Line > 0 ? before.Errors[index].Line + 1 : 0), $"a comment moves an error by its line: {moved}");
            Hold((moved.Section, moved.Key) == (before.Errors[index].Section, before.Errors[index].Key), $"a comment leaves an error where it was: {moved}");
        }
    }
}
