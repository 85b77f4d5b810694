namespace FastSni.EndToEnd.Harness;

/// <summary>The program's commands other than `run`, each in a process of its own.</summary>
internal static class FastSniCommand
{
    public static Task<ToolResult> RunAsync(params string[] arguments) => Tool.RunAsync(GatewayBinary.Path, arguments);

    /// <summary>Runs a command over a configuration of this text, in a directory that is gone afterwards.</summary>
    /// <param name="beside">Further files, by their path relative to the configuration's.</param>
    public static async Task<ToolResult> OverAsync(string text, string[] arguments, params (string Path, string Text)[] beside)
    {
        string directory = Directory.CreateTempSubdirectory("fastsni-e2e-cli-").FullName;
        try
        {
            foreach ((string path, string content) in beside)
            {
                string file = Path.Combine(directory, path);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await File.WriteAllTextAsync(file, content);
            }
            string config = Path.Combine(directory, "fastsni.ini");
            await File.WriteAllTextAsync(config, text);
            return await RunAsync([.. arguments, "--config", config]);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
