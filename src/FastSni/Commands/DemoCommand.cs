using System.CommandLine;
using FastSni.Demo;

namespace FastSni.Commands;

/// <summary>`fastsni demo`: the main job on loopback, with everything it needs made on the spot.</summary>
internal static class DemoCommand
{
    internal static Command Create()
    {
        Command command = new("demo", "Shows the main job on loopback: own throw-away certificates, tiny backends, gateway on 127.0.0.1:8443. Ctrl+C ends it.");
        command.SetAction(_ => DemoStage.Run());
        return command;
    }
}
