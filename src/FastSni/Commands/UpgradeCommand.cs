using System.CommandLine;
using FastSni.Operations;

namespace FastSni.Commands;

/// <summary>`fastsni upgrade`: a new process takes over, and the answer is waited for.</summary>
internal static class UpgradeCommand
{
    internal static Command Create() => GatewayCaller.Equip(
        new Command("upgrade", "Has the installed program take over from the running one, which ends behind its last session. No client is lost."),
        _ => new ControlRequest(ControlCommand.Upgrade),
        (_, _) =>
        {
            Console.WriteLine("the new process serves; the old one ends behind its last session");
            return ExitCode.Done;
        });
}
