using System.CommandLine;
using FastSni.Operations;

namespace FastSni.Commands;

/// <summary>`fastsni close ID`: ends one session.</summary>
internal static class CloseCommand
{
    internal static Command Create()
    {
        Argument<long> id = new("ID") { Description = "The session's number, as `fastsni sessions` shows it." };
        return GatewayCaller.Equip(new Command("close", "Ends one session.") { id },
            parsed => new ControlRequest(ControlCommand.Close) { Id = parsed.GetValue(id) },
            (parsed, _) =>
            {
                Console.WriteLine($"session {parsed.GetValue(id)} is closed");
                return ExitCode.Done;
            });
    }
}
