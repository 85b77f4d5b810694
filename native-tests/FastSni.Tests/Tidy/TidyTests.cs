using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace FastSni.Tests.Tidy;

/// <summary>House rules that a machine can hold (docs/style.md).</summary>
public partial class TidyTests
{
    private const int FileLinesMax = 300, MethodLinesMax = 70, MedianFileLinesMax = 120;

    private static readonly Dictionary<string, string[]> AllowedReferences = new()
    {
        ["Wire"] = [],
        ["Linux"] = ["Wire"],
        ["Telemetry"] = ["Wire"],
        ["Config"] = ["Linux", "Wire"],
        ["Backends"] = ["Config", "Wire"],
        ["Bans"] = ["Config", "Wire"],
        ["Handoff"] = ["Config", "Telemetry", "Wire"],
        ["Passthrough"] = ["Backends", "Bans", "Config", "Handoff", "Linux", "Telemetry", "Wire"],
        ["Http"] = ["Backends", "Config", "Handoff", "Linux", "Telemetry", "Wire"],
        ["Offload"] = ["Backends", "Config", "Handoff", "Http", "Telemetry", "Wire"],
        ["Http80"] = ["Backends", "Config", "Handoff", "Http", "Telemetry", "Wire"],
        ["Operations"] = ["Config", "Telemetry", "Wire"],
    };

    [Fact]
    public void No_file_is_longer_than_300_lines_and_half_of_them_are_short()
    {
        (string File, int Lines)[] files = [.. Repository.CSharpFiles("src", "native-tests", "perf").Select(file => (file, Lines(file).Length))];
        AssertNone(files.Where(file => file.Lines > FileLinesMax).Select(file => $"{file.File}: {file.Lines} lines"));
        int[] lengths = [.. files.Where(file => file.File.StartsWith("src/", StringComparison.Ordinal)).Select(file => file.Lines).Order()];
        Assert.InRange(lengths[lengths.Length / 2], 1, MedianFileLinesMax);
    }

    [Fact]
    public void No_method_is_longer_than_70_lines() =>
        AssertNone(Repository.CSharpFiles("src", "native-tests", "perf").SelectMany(LongMethods));

    [Fact]
    public void Unsafe_code_and_libc_live_in_FastSni_Linux_alone()
    {
        AssertNone(SourceOutside("FastSni.Linux").Where(file => UnsafeCode().IsMatch(Repository.Read(file))));
        AssertNone(Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories)
            .Where(project => !project.EndsWith("FastSni.Linux.csproj", StringComparison.Ordinal))
            .Where(project => File.ReadAllText(project) is var text && (text.Contains("AllowUnsafeBlocks", StringComparison.Ordinal) || text.Contains("Tmds.LibC", StringComparison.Ordinal))));
    }

    [Fact]
    public void There_are_no_mutable_statics() =>
        AssertNone(Repository.CSharpFiles("src").SelectMany(file => Lines(file).Where(line => MutableStatic().IsMatch(line)).Select(line => $"{file}: {line.Trim()}")));

    [Fact]
    public void References_go_one_way()
    {
        foreach ((string room, string[] allowed) in AllowedReferences)
        {
            XDocument project = XDocument.Load(Repository.PathOf($"src/FastSni.{room}/FastSni.{room}.csproj"));
            IEnumerable<string> referenced = project.Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)["FastSni.".Length..]);
            AssertNone(referenced.Except(allowed));
        }
        string[] rooms = [.. Directory.EnumerateDirectories(Repository.PathOf("src"), "FastSni.*").Select(folder => Path.GetFileName(folder))
            .Where(name => name.StartsWith("FastSni.", StringComparison.Ordinal)).Select(name => name["FastSni.".Length..])];
        Assert.Equal(AllowedReferences.Keys.Order(), rooms.Order());
    }

    [Fact]
    public void Serilog_is_known_to_the_host_alone() =>
        AssertNone(SourceOutside("FastSni").Where(file => Repository.Read(file).Contains("Serilog", StringComparison.Ordinal)));

    [Fact]
    public void Every_type_that_ARCHITECTURE_names_exists()
    {
        string code = string.Concat(Repository.CSharpFiles("src", "native-tests").Select(Repository.Read));
        IEnumerable<string> named = CodeWord().Matches(Repository.Read("ARCHITECTURE.md")).Select(match => match.Groups[1].Value).Where(name => name != "FastSni").Distinct();
        AssertNone(named.Where(name => !Regex.IsMatch(code, $@"\b(class|struct|record|enum|interface)\s+(struct\s+|class\s+)?{name}\b") && !Regex.IsMatch(code, $@"namespace\s+FastSni\.{name}\b")));
    }

    [Fact]
    public void Every_test_that_the_reliability_page_names_exists()
    {
        string tests = string.Concat(Repository.CSharpFiles("native-tests").Select(Repository.Read));
        Match[] named = [.. NamedTest().Matches(Repository.Read("docs/reliability.md")).Cast<Match>()];
        Assert.True(named.Length > 58);
        AssertNone(named.Where(name => !tests.Contains($"class {name.Groups[1].Value}", StringComparison.Ordinal)
            || (name.Groups[2].Success && !tests.Contains($" {name.Groups[2].Value}(", StringComparison.Ordinal))).Select(name => name.Value));
    }

    [Fact]
    public void Every_file_that_pins_memory_says_why_that_is_safe() =>
        AssertNone(Repository.CSharpFiles("src/FastSni.Linux").Where(file => Repository.Read(file) is var text
            && text.Contains("fixed (", StringComparison.Ordinal) && !text.Contains("SAFETY:", StringComparison.Ordinal)));

    [Fact]
    public void Nothing_is_left_for_later_and_no_warning_is_silenced() =>
        AssertNone(Repository.CSharpFiles("src", "native-tests", "perf").Where(file => !file.EndsWith("TidyTests.cs", StringComparison.Ordinal))
            .SelectMany(file => Lines(file).Where(line => Unfinished().IsMatch(line)).Select(line => $"{file}: {line.Trim()}")));

    private static void AssertNone(IEnumerable<string> findings) => Assert.Equal("", string.Join('\n', findings));

    private static IEnumerable<string> SourceOutside(string room) =>
        Repository.CSharpFiles("src").Where(file => !file.StartsWith($"src/{room}/", StringComparison.Ordinal));

    private static string[] Lines(string file) => Repository.Read(file).Split('\n');

    // A member's body starts with a line that is one brace and ends with a brace as far in.
    private static IEnumerable<string> LongMethods(string file)
    {
        string[] lines = Lines(file);
        for (int start = 1; start < lines.Length; start++)
        {
            int indent = lines[start].TakeWhile(character => character == ' ').Count();
            bool opensMember = lines[start].Trim() == "{" && indent is 4 or 8 && !TypeDeclaration().IsMatch(lines[start - 1]);
            if (!opensMember)
                continue;
            int end = Array.FindIndex(lines, start, line => line.StartsWith(new string(' ', indent) + "}", StringComparison.Ordinal));
            if (end - start > MethodLinesMax)
                yield return $"{file}:{start + 1}: {end - start} lines: {lines[start - 1].Trim()}";
        }
    }

    [GeneratedRegex(@"`([A-Z]\w*Tests)(?:\.(\w+))?`")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"\bunsafe\b|\bstackalloc\s+\w+\s*\*|AllowUnsafeBlocks")]
    private static partial Regex UnsafeCode();

    [GeneratedRegex(@"^\s+((public|internal|private|protected)\s+)*static\s+(?!readonly|class|partial|unsafe|extern|async|void|record|ref|implicit|explicit)[\w<>\[\]?,. ]+\s_?\w+\s*(=[^>].*)?;")]
    private static partial Regex MutableStatic();

    [GeneratedRegex(@"\b(class|struct|record|enum|interface|namespace)\b")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"`([A-Z][A-Za-z0-9]+)(?:\.\w+)?`")]
    private static partial Regex CodeWord();

    // The words that nothing may be left with; this file alone has to name them.
    [GeneratedRegex(@"\b(TODO|FIXME|HACK|NotImplementedException)\b|#pragma warning disable|SuppressMessage")]
    private static partial Regex Unfinished();
}
