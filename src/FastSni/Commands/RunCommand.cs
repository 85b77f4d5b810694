using System.CommandLine;
using FastSni.Hosting;

namespace FastSni.Commands;

/// <summary>`fastsni run`: the gateway in the foreground.</summary>
internal static class RunCommand
{
    internal static Command Create()
    {
        Option<string> config = ConfigOption.Create();
        Command command = new("run", "Runs the gateway in the foreground. SIGHUP reloads, SIGTERM drains and stops (a second one stops at once), SIGUSR1 reopens the logs, SIGUSR2 upgrades.") { config };
        command.SetAction(parsed => Daemon.Run(parsed.GetValue(config)!));
        return command;
    }
}
