using System.Text;

namespace FastSni.Config.Ini;

/// <summary>Reads the main file, then `conf.d/*.ini` beside it in byte order of the names.</summary>
internal static class ConfigFiles
{
    /// <returns>null where the main file cannot be read: all else would only be said of defaults.</returns>
    public static IniTree? Read(string mainFile, Findings findings)
    {
        IniTree tree = new(mainFile);
        IniReader reader = new(tree, findings);
        if (!reader.Read(mainFile))
            return null;
        string directory = Path.Combine(Path.GetDirectoryName(mainFile) ?? "/", "conf.d");
        foreach (string file in Continuations(directory, findings))
            reader.Read(file);
        return tree;
    }

    private static IEnumerable<string> Continuations(string directory, Findings findings)
    {
        try
        {
            // Editors leave `.#name.ini` and `.name.ini.swp` beside the file they are changing; a shell's *.ini skips them too.
            return !Directory.Exists(directory) ? [] : Directory.GetFiles(directory)
                .Where(file => file.EndsWith(".ini", StringComparison.Ordinal) && Path.GetFileName(file)[0] != '.')
                .OrderBy(file => Encoding.UTF8.GetBytes(Path.GetFileName(file)), ByteOrder);
        }
        catch (Exception exception) when (InputFile.IsExpected(exception))
        {
            findings.Open(directory);
            findings.Error(new Place(directory, 0), "its files could not be listed: the service user must be able to read and enter it");
            return [];
        }
    }

    private static Comparer<byte[]> ByteOrder { get; } = Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right));
}
