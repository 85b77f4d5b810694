namespace FastSni.Tests.Tidy;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    internal static string Root { get; } = FindRoot();

    internal static string PathOf(string relative) => Path.Combine(Root, relative);

    internal static string Read(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>Our own C# files below a folder, relative to the root.</summary>
    internal static IEnumerable<string> CSharpFiles(params IEnumerable<string> folders) =>
        folders.SelectMany(folder => Directory.EnumerateFiles(PathOf(folder), "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Root, file))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj"));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FastSni.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests must run inside the checkout: FastSni.sln was not found above them.");
    }
}
