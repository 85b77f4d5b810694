using System.CommandLine;
using FastSni.Operations;

namespace FastSni.Commands;

/// <summary>`fastsni drain TARGET` and `undrain TARGET`: no new sessions for a section or one of its servers, and back.</summary>
internal static class DrainCommand
{
    internal static Command Create() => Create("drain", ControlCommand.Drain,
        "Gives a section, or one server of it, no new sessions; those that are open go on.", "drains: it gets no new sessions");

    internal static Command CreateUndrain() => Create("undrain", ControlCommand.Undrain, "Takes a drain back.", "gets new sessions again");

    private static Command Create(string name, ControlCommand request, string description, string done)
    {
        Argument<string> target = new("TARGET") { Description = "SECTION[/ADDRESS] as in the file: yunohost, passthrough:yunohost/192.168.99.11:443, listen:smtp." };
        return GatewayCaller.Equip(new Command(name, description) { target }, parsed => new ControlRequest(request) { Target = parsed.GetValue(target) },
            (parsed, _) =>
            {
                Console.WriteLine($"{TerminalText.Escape(parsed.GetValue(target)!)} {done}");
                return ExitCode.Done;
            });
    }
}
