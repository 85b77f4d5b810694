using FastSni.Config;

namespace FastSni.Fuzz;

/// <summary>What no mutation of bytes would find: the words of the INI file.</summary>
internal static class IniWords
{
    internal static IEnumerable<string> All { get; } =
        [.. ConfigKeys.All.Select(key => key.Key).Concat(ConfigKeys.All.Select(key => $"[{key.Section}:a]")).Concat(ConfigKeys.All.Select(key => $"[{key.Section}]")).Distinct()];
}
