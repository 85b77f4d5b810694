using System.Net;
using FastSni.Config.Rules;

namespace FastSni.Config.Schema;

/// <summary>[bans]</summary>
internal static class BansKeys
{
    public static readonly SectionKind Kind = new("bans");

    /// <summary>Empty: none.</summary>
    public static readonly Key<string> File = Kind.Key("file", "", new TextRule());

    public static readonly Key<IPNetwork[]> Never = Kind.Key("never", "", NetworkRule.List);
}
