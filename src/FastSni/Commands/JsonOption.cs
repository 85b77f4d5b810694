using System.CommandLine;

namespace FastSni.Commands;

/// <summary>`--json`, the same for every command that shows something of the running gateway.</summary>
internal static class JsonOption
{
    internal static Option<bool> Create() => new("--json") { Description = "Prints the answer as one line of JSON (docs/control-socket.md)." };
}
