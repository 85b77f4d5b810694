using FastSni.Config.Ini;
using FastSni.Config.Schema;
using FastSni.Wire;

namespace FastSni.Config.Building;

internal static class BansReader
{
    public static BanOptions Read(IniSection section, Findings findings)
    {
        string? file = section.FileOf(BansKeys.File);
        if (file is not null)
            Check(section, file, findings);
        return new BanOptions { File = file, Never = [.. (section.Get(BansKeys.Never) ?? []).Select(AddressPrefix.Of)] };
    }

    // A wrong line forbids nothing: lists come from strangers, and one bad line must not keep the gateway from starting.
    private static void Check(IniSection section, string file, Findings findings)
    {
        findings.Open(file);
        BanFile content = BanFileReader.Read(file);
        if (content.Error is { } error)
            findings.Error(section, BansKeys.File, $"{file}: {error}");
        foreach (BanFileProblem problem in content.Problems)
            findings.Warn(new Place(file, problem.Line), section.Title, BansKeys.File.Name, $"{problem.Sentence}; this line bans nobody");
        if (content.FurtherProblems > 0)
            findings.Warn(section, BansKeys.File, $"{file}: {content.FurtherProblems} more lines are wrong and ban nobody");
    }
}
