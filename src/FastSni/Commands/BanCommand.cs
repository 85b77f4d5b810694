using System.CommandLine;
using FastSni.Operations;

namespace FastSni.Commands;

/// <summary>`fastsni ban ADDRESS[/BITS]` and `unban`.</summary>
internal static class BanCommand
{
    internal static Command Create()
    {
        Argument<string> address = Address();
        Option<string?> duration = new("--for") { Description = "How long, such as 10m, 1h or 90d. Without it, until it is taken back.", HelpName = "TIME" };
        Option<string?> reason = new("--reason") { Description = "Why, for `fastsni bans` and the log.", HelpName = "TEXT" };
        Command command = new("ban", "Takes no more clients from an address or prefix, and closes what they have open. Survives restarts.") { address, duration, reason };
        return GatewayCaller.Equip(command,
            parsed => new ControlRequest(ControlCommand.Ban) { Address = parsed.GetValue(address), For = parsed.GetValue(duration), Reason = parsed.GetValue(reason) },
            (parsed, reply) =>
            {
                Console.WriteLine($"{TerminalText.Escape(parsed.GetValue(address)!)} is banned; {reply.Read<BanReport>()?.SessionsClosed ?? 0} session(s) closed");
                return ExitCode.Done;
            });
    }

    internal static Command CreateUnban()
    {
        Argument<string> address = Address();
        return GatewayCaller.Equip(new Command("unban", "Takes a ban back.") { address },
            parsed => new ControlRequest(ControlCommand.Unban) { Address = parsed.GetValue(address) },
            (parsed, _) =>
            {
                Console.WriteLine($"{TerminalText.Escape(parsed.GetValue(address)!)} is not banned any more");
                return ExitCode.Done;
            });
    }

    private static Argument<string> Address() => new("ADDRESS[/BITS]") { Description = "An address, or a prefix of addresses, IPv4 or IPv6." };
}
