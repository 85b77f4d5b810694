using System.CommandLine;
using System.Reflection;

namespace FastSni.Commands;

/// <summary>`fastsni version`.</summary>
internal static class VersionCommand
{
    internal static string Text => typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    internal static Command Create()
    {
        Command command = new("version", "Says which version this is.");
        command.SetAction(_ =>
        {
            Console.WriteLine($"fastsni {Text}");
            return ExitCode.Done;
        });
        return command;
    }
}
