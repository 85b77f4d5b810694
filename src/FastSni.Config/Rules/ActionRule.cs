using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>What an action key says: a section, or offload or reject without one.</summary>
/// <param name="Kind">`passthrough` or `offload`; null for reject.</param>
/// <param name="SectionName">null for reject, and for plain offload.</param>
internal sealed record ActionChoice(SectionKind? Kind, string? SectionName);

/// <summary>`reject`, `offload`, `offload:NAME` or `passthrough:NAME`.</summary>
internal sealed class ActionRule : Rule<ActionChoice>
{
    /// <summary>False for bytes that are no TLS, which nothing can offload.</summary>
    public bool MayOffload { get; init; } = true;

    private string Remedy => MayOffload ? "write offload, reject, offload:NAME or passthrough:NAME" : "write reject or passthrough:NAME";

    public override bool TryRead(string text, List<string> problems, out ActionChoice value)
    {
        value = new(null, null);
        if (text.Equals("reject", StringComparison.OrdinalIgnoreCase))
            return true;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string word = colon < 0 ? text : text[..colon];
        bool isOffload = word.Equals(OffloadKeys.Kind.Name, StringComparison.OrdinalIgnoreCase);
        if (isOffload && !MayOffload)
            return Fail(problems, $"bytes that are no TLS cannot be offloaded: {Remedy}");
        if (isOffload && colon < 0)
        {
            value = new(OffloadKeys.Kind, null);
            return true;
        }
        if (colon < 0 || !(isOffload || word.Equals(PassthroughKeys.Kind.Name, StringComparison.OrdinalIgnoreCase)))
            return Fail(problems, $"{Quote.Of(text)} is no action: {Remedy}");
        if (!SectionKinds.IsName(text[(colon + 1)..]))
            return Fail(problems, $"{Quote.Of(text)} names no section: {Remedy}");
        value = new(isOffload ? OffloadKeys.Kind : PassthroughKeys.Kind, text[(colon + 1)..]);
        return true;
    }
}
