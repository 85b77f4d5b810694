using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FastSni.Compare.Contenders;
using FastSni.Compare.Modes;
using FastSni.Compare.Running;

namespace FastSni.Compare;

/// <summary>The options, and the step from the outer process into the namespace of its own.</summary>
internal static class CommandLineInterface
{
    private static readonly Option<string?> FastSni =
        new("--fastsni") { Description = "the published fastsni binary; without it FastSni is left out" };
    private static readonly Option<string> ModeList = new("--modes")
    {
        Description = $"comma-separated, of: {string.Join(", ", ModeCatalogue.Names)}; {ModeCatalogue.OffloadGroup} = all {ModeCatalogue.OffloadGroup}-*",
    };
    private static readonly Option<string> ContenderList =
        new("--contenders") { Description = $"comma-separated, of: {string.Join(", ", ContenderCatalogue.Names)}" };
    private static readonly Option<int?> Repetitions = new("--repetitions") { Description = "rounds through all contenders (default 5, quick 1)" };
    private static readonly Option<double?> Seconds = new("--seconds") { Description = "measured seconds of each traffic run (default 3, quick 1)" };
    private static readonly Option<int?> IdleConnections = new("--idle-connections") { Description = "default 9000, quick 1000" };
    private static readonly Option<int?> NameCount = new("--names") { Description = "size of the big name table (default 1000000, quick 100000)" };
    private static readonly Option<bool> Quick = new("--quick") { Description = "a short run: to see that everything works, not to believe numbers" };
    private static readonly Option<double> Minutes = new("--minutes")
    {
        Description = "when they are over the run ends with what it has, and says what was left out",
        DefaultValueFactory = _ => 90,
    };
    private static readonly Option<string?> Report = new("--report")
    {
        Description = "also write the tables as Markdown into this file, and with the endings .json and .svg beside it all values and a plot",
    };
    private static readonly Option<int> WorkerCpu = new("--worker-cpu") { Description = "CPU of the contender", DefaultValueFactory = _ => 1 };
    private static readonly Option<int> LoadCpu =
        new("--load-cpu") { Description = "CPU of client, backend and driver", DefaultValueFactory = _ => 0 };
    private static readonly Option<int> Nice =
        new("--nice") { Description = "niceness of everything in the run; below 0 it goes before whatever else the machine is busy with" };
    private static readonly Option<string> Reference =
        new("--reference") { Description = "directory of load.c and limit.c", DefaultValueFactory = _ => FindReference() };
    private static readonly Option<string?> Inside = new(OwnNamespace.InsideOption) { Hidden = true };
    private static readonly Option<string?> Workspace = new(OwnNamespace.WorkspaceOption) { Hidden = true };

    public static RootCommand Build()
    {
        RootCommand command = new("Measures FastSni beside nginx, haproxy, sniproxy, caddy and the leanest forwarder there can be, in namespaces of its own. "
            + "Exit status: 0 = every bound that was to be measured is met, 1 = not, 2 = it could not run.")
        {
            FastSni, ModeList, ContenderList, Repetitions, Seconds, IdleConnections, NameCount, Quick, Minutes, Report, WorkerCpu, LoadCpu, Nice, Reference,
            Inside, Workspace,
        };
        ModeList.DefaultValueFactory = _ => string.Join(',', ModeCatalogue.Names);
        ContenderList.DefaultValueFactory = _ => string.Join(',', ContenderCatalogue.DefaultNames);
        ModeList.Validators.Add(result => RejectUnknown(result, [.. ModeCatalogue.Names, ModeCatalogue.OffloadGroup]));
        ContenderList.Validators.Add(result => RejectUnknown(result, ContenderCatalogue.Names));
        Minutes.Validators.Add(RejectNothing);
        Repetitions.Validators.Add(RejectNothing);
        Seconds.Validators.Add(RejectNothing);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string? outerNamespace = parsed.GetValue(Inside);
        if (outerNamespace is null)
            return OwnNamespace.RunInside(Environment.GetCommandLineArgs().Skip(1), parsed.GetValue(LoadCpu), parsed.GetValue(Nice));
        string workspace = parsed.GetRequiredValue(Workspace)!;
        OwnNamespace.Prepare(outerNamespace, workspace, parsed.GetValue(Nice));
        return Comparison.Run(ReadOptions(parsed), workspace);
    }

    private static RunOptions ReadOptions(ParseResult parsed)
    {
        bool quick = parsed.GetValue(Quick);
        return new()
        {
            FastSniPath = parsed.GetValue(FastSni) is string path ? Path.GetFullPath(path) : null,
            Modes = ModeCatalogue.Expand(Split(parsed.GetRequiredValue(ModeList))),
            Contenders = Split(parsed.GetRequiredValue(ContenderList)),
            Repetitions = parsed.GetValue(Repetitions) ?? (quick ? 1 : 5),
            Seconds = parsed.GetValue(Seconds) ?? (quick ? 1 : 3),
            WarmupSeconds = quick ? 0.3 : 0.7,
            IdleConnections = parsed.GetValue(IdleConnections) ?? (quick ? 1000 : 9000),
            Names = parsed.GetValue(NameCount) ?? (quick ? 100_000 : 1_000_000),
            Minutes = parsed.GetValue(Minutes),
            WorkerCpu = parsed.GetValue(WorkerCpu),
            LoadCpu = parsed.GetValue(LoadCpu),
            ReportPath = parsed.GetValue(Report),
            ReferenceDirectory = parsed.GetRequiredValue(Reference),
        };
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static void RejectUnknown(OptionResult result, IReadOnlyList<string> known)
    {
        foreach (string name in Split(result.GetValueOrDefault<string>() ?? "").Except(known))
            result.AddError($"'{name}' is none of: {string.Join(", ", known)}");
    }

    private static void RejectNothing(OptionResult result)
    {
        foreach (Token token in result.Tokens)
            if (double.TryParse(token.Value, CultureInfo.InvariantCulture, out double number) && number <= 0)
                result.AddError($"{result.Option.Name} {token.Value}: it has to be above 0");
    }

    // From the working directory or the binary's place upwards, so that it works from the repository and from bin/.
    private static string FindReference()
    {
        foreach (string start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
            for (DirectoryInfo? directory = new(start); directory is not null; directory = directory.Parent)
                if (Path.Combine(directory.FullName, "perf", "reference") is string path && File.Exists(Path.Combine(path, "limit.c")))
                    return path;
        return "perf/reference";
    }
}
