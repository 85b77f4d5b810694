using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Tmds.Linux;

namespace FastSni.NativeTests.Abi;

/// <summary>What of libc the sources of FastSni.Linux use, read from those sources: a new use is checked without anybody remembering to.</summary>
internal static partial class LinuxSources
{
    private static readonly string All = string.Join(
        '\n', Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "linux-sources"), "*.cs").Select(File.ReadAllText));

    /// <summary>Every `LibC.NAME` in capitals.</summary>
    internal static string[] Constants { get; } = [.. ConstantUse().Matches(All).Select(match => match.Groups[1].Value).Distinct().Order()];

    /// <summary>Every struct or integer type of Tmds.Linux that is named.</summary>
    internal static Type[] Types { get; } =
    [
        .. Word().Matches(All).Select(match => match.Value).Distinct()
            .Select(name => typeof(LibC).Assembly.GetType("Tmds.Linux." + name)).OfType<Type>()
            .Where(type => type.IsValueType).OrderBy(type => type.Name),
    ];

    /// <summary>Some constants are of a type of their own (sa_family_t), which knows its number only as text.</summary>
    internal static long ValueOf(string constant)
    {
        object? value = typeof(LibC).GetProperty(constant, BindingFlags.Static | BindingFlags.Public)?.GetValue(null);
        return long.Parse(Convert.ToString(value, CultureInfo.InvariantCulture)!, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"LibC\.([A-Z][A-Z0-9_]+)")]
    private static partial Regex ConstantUse();

    [GeneratedRegex(@"\b[a-z][a-z0-9_]+\b")]
    private static partial Regex Word();
}
