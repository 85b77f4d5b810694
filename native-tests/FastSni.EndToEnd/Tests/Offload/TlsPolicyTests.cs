using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>What TLS the offload room speaks, as scanners see it.</summary>
[Collection(Alone.Name)]
public sealed class TlsPolicyTests : IDisposable
{
    private const string Name = "app.home.test", Rsa = "rsa.home.test";

    private static readonly TestAuthority Authority = TestCertificates.Shared.Authority;

    private readonly HttpBackend _backend = HttpBackend.Start("app");

    public void Dispose() => _backend.Dispose();

    [SkippableFact]
    public async Task Testssl_finds_nothing_above_low()
    {
        Tool.Require("testssl");
        await using Gateway gateway = await StartAsync();
        IReadOnlyDictionary<string, string> findings = await TestSsl.AssertNothingAboveLowAsync(
            gateway.Https, Name, gateway.Directory, ["-p", "-s", "-f", .. Scale.IsLong ? ["-P", "-U"] : Array.Empty<string>()]);
        foreach (string old in new[] { "SSLv2", "SSLv3", "TLS1", "TLS1_1" })
            Assert.StartsWith("not offered", findings[old], StringComparison.Ordinal);
        foreach (string present in new[] { "TLS1_2", "TLS1_3" })
            Assert.StartsWith("offered", findings[present], StringComparison.Ordinal);
        gateway.AssertAlive();
    }

    [SkippableTheory]
    [InlineData(Name)]
    [InlineData(Rsa)]
    public async Task Sslscan_sees_no_old_version_no_weak_cipher_and_no_known_hole(string name)
    {
        Tool.Require("sslscan");
        await using Gateway gateway = await StartAsync();
        var report = await SslScan.RunAsync(gateway.Https, name);
        Assert.Equal(
            ["tls 1.2", "tls 1.3"],
            report.Elements("protocol").Where(one => one.Attribute("enabled")!.Value == "1").Select(one => $"{one.Attribute("type")!.Value} {one.Attribute("version")!.Value}").Order());
        Assert.DoesNotContain(report.Elements("heartbleed"), one => one.Attribute("vulnerable")!.Value == "1");
        Assert.All(report.Elements("compression"), one => Assert.Equal("0", one.Attribute("supported")!.Value));
        Assert.All(report.Elements("renegotiation"), one => Assert.False(one.Attribute("supported")!.Value == "1" && one.Attribute("secure")!.Value != "1"));
        Assert.NotEmpty(report.Elements("cipher"));
        Assert.All(report.Elements("cipher"), one => Assert.InRange(int.Parse(one.Attribute("bits")!.Value, System.Globalization.CultureInfo.InvariantCulture), 128, 256));
        Assert.DoesNotContain(report.Elements("cipher"), one => one.Attribute("strength")!.Value is "weak" or "null" or "anonymous" or "medium");
    }

    private Task<Gateway> StartAsync() => Gateway.StartAsync(GatewayConfig.Https()
        .Offload("app", Name, _backend, Authority.Issue(Name)).Offload("rsa", Rsa, _backend, Authority.IssueRsa(Rsa)));
}
