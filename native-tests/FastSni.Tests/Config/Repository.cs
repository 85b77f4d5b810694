namespace FastSni.Tests.Config;

/// <summary>The files beside the code: configuration and documentation.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string directory) => File.Exists(Path.Combine(directory, "FastSni.sln"))
        ? directory
        : Find(Path.GetDirectoryName(directory.TrimEnd('/')) ?? throw new InvalidOperationException("the tests run outside the repository"));
}
