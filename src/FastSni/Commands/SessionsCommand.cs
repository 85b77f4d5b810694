using System.CommandLine;
using FastSni.Operations;

namespace FastSni.Commands;

/// <summary>`fastsni sessions`: who is connected to what.</summary>
internal static class SessionsCommand
{
    internal static Command Create()
    {
        Option<bool> json = JsonOption.Create();
        Option<int?> limit = new("--limit") { Description = "At most so many, the oldest first; 1000 without it, 10000 at most.", HelpName = "N" };
        Command command = new("sessions", "Lists the sessions that are open: who is connected to what, and since when.") { json, limit };
        return GatewayCaller.Equip(command, parsed => new ControlRequest(ControlCommand.Sessions) { Limit = parsed.GetValue(limit) },
            (parsed, reply) => GatewayCaller.Print<SessionsReport>(reply, parsed.GetValue(json), SessionsText.Write));
    }
}
