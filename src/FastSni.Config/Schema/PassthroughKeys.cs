using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>[passthrough:NAME]</summary>
internal static class PassthroughKeys
{
    private const int InlineNamesMax = 100_000;
    private const int ListenersMax = 256;

    public static readonly SectionKind Kind = new("passthrough") { Named = true };

    public static readonly Key<string[]> Names = Kind.Key("names", null, new ListRule<string>(new NamePatternRule(), "name", InlineNamesMax));

    public static readonly Key<string> NamesFile =
        Kind.Key("names-file", null, new TextRule { IfEmpty = "no file given: write its path, relative to this file, or remove the key" });

    public static readonly BackendKeys Backend = new(Kind);

    public static readonly Key<string> HttpBackend = Kind.Key("http-backend", null, new LaterRule(NotYet.HttpBackend));

    /// <summary>Left out: every tls listener.</summary>
    public static readonly Key<string[]> Listen = Kind.Key("listen", null, new ListRule<string>(new SectionNameRule(), "listener", ListenersMax));
}
