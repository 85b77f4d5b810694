using System.CommandLine;
using FastSni.Config;

namespace FastSni.Commands;

/// <summary>`--config FILE`, the same for every command that reads the configuration.</summary>
internal static class ConfigOption
{
    internal static Option<string> Create() => new("--config")
    {
        Description = "The configuration file.",
        HelpName = "FILE",
        DefaultValueFactory = _ => ConfigLoader.DefaultPath,
    };

    /// <summary>Loads the file, or prints all that is wrong with it.</summary>
    /// <returns>null if there are errors.</returns>
    internal static Snapshot? Load(string path)
    {
        ConfigResult result = ConfigLoader.Load(path);
        foreach (ConfigError error in result.Errors)
            Console.Error.WriteLine($"fastsni: {error}");
        return result.Snapshot;
    }
}
