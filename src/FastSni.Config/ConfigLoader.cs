using System.Collections.Immutable;
using FastSni.Config.Building;
using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config;

/// <summary>Reads the INI file and its conf.d into a <see cref="Snapshot"/>, or says everything that is wrong with them.</summary>
public static class ConfigLoader
{
    public const string DefaultPath = "/etc/fastsni/fastsni.ini";

    /// <summary>Never throws for what files hold or lack: that is an error in the result, a missing main file included.</summary>
    public static ConfigResult Load(string path)
    {
        Findings findings = new();
        if (ConfigFiles.Read(path, findings) is not { } tree)
            return new ConfigResult(null, findings.ToErrors());
        // Everything has a default, but nobody means that by an empty file: it would take a running gateway every name it has.
        if (tree.Sections.Count == 0)
            findings.Error(new Place(path, 0), "there is no section in it: has it been cut short? Where every default is meant, write [gateway]");
        ValueCheck.Run(tree, findings);
        Snapshot snapshot = new SnapshotBuilder(tree, findings, TimeProvider.System.GetUtcNow()).Build();
        return findings.HasErrors ? new ConfigResult(null, findings.ToErrors()) : new ConfigResult(snapshot, []);
    }

    /// <summary>
    /// The [admin] socket alone, in a file that may have errors elsewhere, or name certificates that the asker may not read.
    /// Where it can't be found out, the default.
    /// </summary>
    /// <param name="error">The first error that stood in the way; null where the file could be read.</param>
    public static string? FindSocket(string path, out ConfigError? error)
    {
        Findings findings = new();
        IniTree tree = ConfigFiles.Read(path, findings) ?? new IniTree(path);
        error = findings.ToErrors().FirstOrDefault();
        string? socket = tree.Single(AdminKeys.Kind).Get(AdminKeys.Socket);
        return socket == AdminKeys.SocketOff ? null : socket;
    }
}

/// <summary>A snapshot, or at least one error; never both.</summary>
public sealed record ConfigResult(Snapshot? Snapshot, ImmutableArray<ConfigError> Errors);

/// <summary>One thing wrong. Printed as `FILE:LINE: [section] key: sentence`; parts that do not apply are left out.</summary>
/// <param name="Line">1-based; 0 where no line applies.</param>
public sealed record ConfigError(string File, int Line, string Section, string Key, string Sentence)
{
    public override string ToString()
    {
        string place = Line > 0 ? $"{File}:{Line}:" : $"{File}:";
        string section = Section.Length > 0 ? $" [{Section}]" : "";
        string key = Key.Length > 0 ? $" {Key}:" : Section.Length > 0 ? ":" : "";
        return $"{place}{section}{key} {Sentence}";
    }
}
