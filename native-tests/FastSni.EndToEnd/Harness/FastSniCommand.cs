using System.Text.Json;

namespace FastSni.EndToEnd.Harness;

/// <summary>The program's commands other than `run`, each in a process of its own.</summary>
internal static class FastSniCommand
{
    public static Task<ToolResult> RunAsync(params string[] arguments) => Tool.RunAsync(GatewayBinary.Path, arguments);

    /// <summary>Asks a running gateway something, by its configuration.</summary>
    public static Task<ToolResult> CommandAsync(this Gateway gateway, params string[] arguments) => RunAsync([.. arguments, "--config", gateway.ConfigPath]);

    /// <summary>The same, and fails where the answer is no; what was printed.</summary>
    public static async Task<string> OrderAsync(this Gateway gateway, params string[] arguments)
    {
        ToolResult result = await gateway.CommandAsync(arguments);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)}: exit {result.ExitCode}\n{result.Error}\n{gateway.Log.Tail}");
        return result.Output;
    }

    /// <summary>What a command answers with --json.</summary>
    public static async Task<JsonElement> LookAsync(this Gateway gateway, params string[] arguments)
    {
        using JsonDocument answer = JsonDocument.Parse(await gateway.OrderAsync([.. arguments, "--json"]));
        return answer.RootElement.Clone();
    }

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
