using System.CommandLine;
using FastSni.Operations;

namespace FastSni.Commands;

/// <summary>`fastsni bans`: the ban list.</summary>
internal static class BansCommand
{
    internal static Command Create()
    {
        Option<bool> json = JsonOption.Create();
        return GatewayCaller.Equip(new Command("bans", "Lists who is banned, until when and why.") { json }, _ => new ControlRequest(ControlCommand.Bans),
            (parsed, reply) => GatewayCaller.Print<BansReport>(reply, parsed.GetValue(json), (bans, text) => BansText.Write(bans, TimeZoneInfo.Local, text)));
    }
}
