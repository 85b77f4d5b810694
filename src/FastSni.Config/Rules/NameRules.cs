using System.Text;
using FastSni.Config.Names;
using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>A server name as `names` lists it: `mail.example.org`, `*.example.org` or `.example.org`.</summary>
internal sealed class NamePatternRule : Rule<string>
{
    private const int InlineNamesMax = 100_000;

    /// <summary>`names`</summary>
    public static ListRule<string> List { get; } = new(new NamePatternRule(), "name", InlineNamesMax);

    public override bool TryRead(string text, List<string> problems, out string value)
    {
        value = text;
        return NamePattern.TryParse(Encoding.UTF8.GetBytes(text), out _, out string problem) || Fail(problems, $"{Quote.Of(text)}: {problem}");
    }
}

/// <summary>One host name, no pattern; kept in its canonical form.</summary>
internal sealed class HostNameRule : Rule<string>
{
    public override bool TryRead(string text, List<string> problems, out string value) =>
        HostName.TryParse(text, out value, out string problem) || Fail(problems, $"{Quote.Of(text)}: {problem}");
}

/// <summary>The name of another section, in a list such as `listen = https, imaps`.</summary>
internal sealed class SectionNameRule : Rule<string>
{
    private const int ListenersMax = 256;

    /// <summary>`listen`</summary>
    public static ListRule<string> List { get; } = new(new SectionNameRule(), "listener", ListenersMax);

    public override bool TryRead(string text, List<string> problems, out string value)
    {
        value = text;
        return SectionKinds.IsName(text)
            || Fail(problems, $"{Quote.Of(text)} is no section's name: write the part behind the colon, https for [listen:https]");
    }
}
