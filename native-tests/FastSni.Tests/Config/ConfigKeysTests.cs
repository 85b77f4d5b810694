using System.Text.RegularExpressions;
using FastSni.Config;
using FastSni.Config.Schema;
using Xunit;

namespace FastSni.Tests.Config;

/// <summary>The list of keys, the documentation and the interface are one.</summary>
public class ConfigKeysTests
{
    private static readonly string Documentation = File.ReadAllText(Path.Combine(Repository.Root, "docs/configuration.md"));

    /// <summary>The interface as it was promised, kind by kind.</summary>
    private static readonly Dictionary<string, string> Promised = new()
    {
        ["gateway"] = "workers max-connections max-connections-per-client max-new-sessions-per-client " +
            "max-pending-hellos max-pending-hellos-per-client hello-timeout hello-limit proxy-header-timeout handshake-timeout " +
            "connect-timeout idle-timeout half-close-timeout drain-timeout log log-level " +
            "access-log access-log-format state-directory resolve-interval max-requests trusted-proxies",
        ["listen"] = "address mode accept-proxy trusted-proxies action no-name-action not-tls-action " +
            "backend proxy-protocol proxy-tlv balance health-check health-interval health-name source-address",
        ["passthrough"] = "names names-file backend proxy-protocol proxy-tlv balance health-check health-interval " +
            "health-name source-address http-backend listen",
        ["offload"] = "names backend path certificate certificate-key client-ca hsts header.NAME backend-verify backend-name " +
            "balance health-check health-interval health-name health-path response-timeout max-body max-header-size max-streams min-body-rate listen",
        ["default"] = "action no-name-action not-tls-action certificate certificate-key status",
        ["acme"] = "email agree-terms directory ca-file challenge tls-address dns-provider dns-environment-file",
        ["bans"] = "file never",
        ["admin"] = "socket address allow token-file",
    };

    [Fact]
    public void Every_promised_key_is_known_and_no_other() => Assert.Equal(
        Promised.SelectMany(kind => kind.Value.Split(' ').Select(key => (kind.Key, key))), ConfigKeys.All);

    [Fact]
    public void Every_key_is_documented_in_its_section() => Assert.All(ConfigKeys.All, key =>
        Assert.Matches($@"(?m)^\| `{Regex.Escape(key.Key)}` \|", SectionOfDocumentation(key.Section)));

    [Fact]
    public void Every_default_is_documented_beside_its_key() => Assert.All(SectionKinds.All, kind =>
    {
        foreach (Key key in kind.Keys.Where(key => key.Default is { Length: > 0 }))
        {
            string row = $@"(?m)^\| `{Regex.Escape(key.Name)}` \| `{Regex.Escape(key.Default!)}` \|";
            Assert.Matches(row, SectionOfDocumentation(kind.Name));
        }
    });

    [Fact]
    public void No_unknown_key_is_documented() => Assert.All(SectionKinds.All, kind => Assert.All(
        Regex.Matches(SectionOfDocumentation(kind.Name), @"(?m)^\| `([a-zN.-]+[A-Z]*)` \|").Select(match => match.Groups[1].Value),
        key => Assert.Contains(kind.Keys, known => known.Name == key)));

    [Fact]
    public void Every_default_is_a_value_the_key_accepts() => Assert.All(
        SectionKinds.All.SelectMany(kind => kind.Keys), key => Assert.True(key.Default is null || key.Check(key.Default).Count == 0, key.Name));

    /// <summary>From the section's heading to the next.</summary>
    private static string SectionOfDocumentation(string kind) => Regex.Match(Documentation, $@"(?ms)^## `\[{kind}(:NAME)?\]`.*?(?=^## |\z)").Value;
}
