using System.Collections.Immutable;
using FastSni.Linux;

namespace FastSni.Hosting.Upgrade;

/// <summary>How this program was started, so that its successor is started in the same way. Must be asked while its file is still there.</summary>
/// <param name="Path">The installed path: once a package has replaced the file, /proc/self/exe leads to the old, deleted one.</param>
internal sealed record ProgramStart(string Path, ImmutableArray<string> Arguments)
{
    internal static ProgramStart Recall()
    {
        string[] words = Environment.GetCommandLineArgs();
        string resolved = Environment.ProcessPath ?? throw new InvalidOperationException("/proc/self/exe cannot be read");
        return new ProgramStart(IsSameFile(words[0], resolved) ? words[0] : resolved, [.. words.Skip(1)]);
    }

    // Where the path goes over a symbolic link, it is the link that will lead to the next version.
    private static bool IsSameFile(string word, string resolved) =>
        System.IO.Path.IsPathRooted(word) && FileIdentity.OfPath(word) is { } identity && identity == FileIdentity.OfPath(resolved);
}
