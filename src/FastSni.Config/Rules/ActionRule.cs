using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>What an action key says: the passthrough section it names, or null for reject.</summary>
internal sealed record ActionChoice(string? SectionName);

/// <summary>`reject` or `passthrough:NAME`; `offload` and `offload:NAME` once there is offload.</summary>
internal sealed class ActionRule : Rule<ActionChoice>
{
    private const string PassthroughPrefix = "passthrough:";
    private const string Remedy = "write reject or passthrough:NAME";

    /// <summary>False for bytes that are no TLS, which nothing can offload.</summary>
    public bool MayOffload { get; init; } = true;

    public override bool TryRead(string text, List<string> problems, out ActionChoice value)
    {
        value = new(null);
        if (text.Equals("reject", StringComparison.OrdinalIgnoreCase))
            return true;
        if (text.Equals("offload", StringComparison.OrdinalIgnoreCase) || text.StartsWith("offload:", StringComparison.OrdinalIgnoreCase))
            return Fail(problems, MayOffload ? NotYet.OffloadAction : $"bytes that are no TLS cannot be offloaded: {Remedy}");
        if (!text.StartsWith(PassthroughPrefix, StringComparison.OrdinalIgnoreCase))
            return Fail(problems, $"{Quote.Of(text)} is no action: {Remedy}");
        string name = text[PassthroughPrefix.Length..];
        if (!SectionKinds.IsName(name))
            return Fail(problems, $"{Quote.Of(text)} names no section: {Remedy}");
        value = new(name);
        return true;
    }
}
