using System.Collections.Frozen;

namespace FastSni.Operations;

/// <summary>What can be asked over the control socket. On the wire: the same words in lower case.</summary>
public enum ControlCommand { Version, Status, Sessions, Bans, Close, Reload, Drain, Undrain, Upgrade, Ban, Unban }

/// <summary>What each command may carry, and whether it changes anything.</summary>
/// <param name="Needed">Fields that must be there.</param>
/// <param name="Allowed">Fields that may.</param>
internal sealed record ControlCommandShape(ControlCommand Command, bool IsChange, string[] Needed, string[] Allowed)
{
    private static readonly FrozenDictionary<string, ControlCommandShape> ByName = new ControlCommandShape[]
    {
        new(ControlCommand.Version, false, [], []),
        new(ControlCommand.Status, false, [], []),
        new(ControlCommand.Sessions, false, [], ["limit"]),
        new(ControlCommand.Bans, false, [], []),
        new(ControlCommand.Close, true, ["id"], []),
        new(ControlCommand.Reload, true, [], []),
        new(ControlCommand.Drain, true, ["target"], []),
        new(ControlCommand.Undrain, true, ["target"], []),
        new(ControlCommand.Upgrade, true, [], []),
        new(ControlCommand.Ban, true, ["address"], ["for", "reason"]),
        new(ControlCommand.Unban, true, ["address"], []),
    }.ToFrozenDictionary(shape => shape.Name);

    public string Name => NameOf(Command);

    public static IEnumerable<string> Names => ByName.Keys.Order();

    public static string NameOf(ControlCommand command) => command.ToString().ToLowerInvariant();

    public static ControlCommandShape? Find(string name) => ByName.GetValueOrDefault(name);

    public static ControlCommandShape Of(ControlCommand command) => ByName[NameOf(command)];

    public bool Knows(string field) => Needed.Contains(field) || Allowed.Contains(field);
}
