namespace FastSni.EndToEnd.Harness;

/// <summary>Where the published program lies. A missing one fails every test that needs it: a run that drove nothing must not look green.</summary>
internal static class GatewayBinary
{
    public static string Path => Find() ?? throw new FileNotFoundException(
        "The gateway's binary is missing. Publish it to artifacts/fastsni/fastsni at the repository root, or name it in FASTSNI_BINARY.");

    /// <summary>The folder that holds FastSni.sln.</summary>
    public static string RepositoryRoot => Upwards().FirstOrDefault(folder => File.Exists(System.IO.Path.Combine(folder, "FastSni.sln")))
        ?? throw new DirectoryNotFoundException("FastSni.sln is not above the test assembly");

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("FASTSNI_BINARY") is { Length: > 0 } named)
            return File.Exists(named) ? named : throw new FileNotFoundException($"FASTSNI_BINARY names {named}, which does not exist.");
        return Upwards().Select(folder => System.IO.Path.Combine(folder, "artifacts", "fastsni", "fastsni")).FirstOrDefault(File.Exists);
    }

    private static IEnumerable<string> Upwards()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            yield return folder.FullName;
    }
}
