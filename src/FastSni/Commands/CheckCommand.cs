using System.CommandLine;
using FastSni.Config;

namespace FastSni.Commands;

/// <summary>`fastsni check`: every problem of the configuration; nothing is started.</summary>
internal static class CheckCommand
{
    internal static Command Create()
    {
        Option<string> config = ConfigOption.Create();
        Command command = new("check", "Says every problem of the configuration. Nothing is started and nothing changes.") { config };
        command.SetAction(parsed => Run(parsed.GetValue(config)!));
        return command;
    }

    private static int Run(string path)
    {
        if (ConfigOption.Load(path) is not { } snapshot)
            return ExitCode.Wrong;
        foreach (string warning in snapshot.Warnings)
            Console.Error.WriteLine($"fastsni: warning: {warning}");
        WarnOfMissingFolder(path, "log", snapshot.Gateway.Log);
        WarnOfMissingFolder(path, "access-log", snapshot.Gateway.AccessLog);
        int offload = snapshot.Sections.Count(section => section is OffloadSection);
        Console.WriteLine($"{path}: ok ({snapshot.Listeners.Length} listener(s), {snapshot.Sections.Length - offload} passthrough section(s), " +
            $"{offload} offload section(s))");
        return ExitCode.Done;
    }

    // A warning and no error: the file may be meant for another machine, or the service manager makes the folder (LogsDirectory=).
    private static void WarnOfMissingFolder(string config, string key, string target)
    {
        if (Path.GetDirectoryName(target) is { Length: > 0 } folder && !Directory.Exists(folder))
            Console.Error.WriteLine($"fastsni: warning: {config}: [gateway] {key}: there is no folder {folder} on this machine; `run` needs it");
    }
}
