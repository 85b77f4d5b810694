using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>[passthrough:NAME]</summary>
internal static class PassthroughKeys
{
    public static readonly SectionKind Kind = new("passthrough") { Named = true };

    public static readonly Key<string[]> Names = Kind.Key("names", null, NamePatternRule.List);

    public static readonly Key<string> NamesFile =
        Kind.Key("names-file", null, new TextRule { IfEmpty = "no file given: write its path, relative to this file, or remove the key" });

    public static readonly BackendKeys Backend = new(Kind);

    /// <summary>Empty: none.</summary>
    public static readonly Key<ServerAddress[]> HttpBackend =
        Kind.Key("http-backend", null, new ListRule<ServerAddress>(new ServerRule(), "backend", ServerList.ServersMax) { MayBeEmpty = true });

    /// <summary>Left out: every tls and every http listener.</summary>
    public static readonly Key<string[]> Listen = Kind.Key("listen", null, SectionNameRule.List);
}
