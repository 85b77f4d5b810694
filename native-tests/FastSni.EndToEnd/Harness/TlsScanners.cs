using System.Net;
using System.Text.Json;
using System.Xml.Linq;

namespace FastSni.EndToEnd.Harness;

/// <summary>testssl.sh: what it finds, with its own judgement of each.</summary>
internal static class TestSsl
{
    private static readonly string[] Above = ["MEDIUM", "HIGH", "CRITICAL", "FATAL"];

    /// <param name="sections">Its switches for what to look at: -p protocols, -s ciphers, -U known vulnerabilities.</param>
    /// <param name="scratch">A directory for its report.</param>
    public static async Task<IReadOnlyDictionary<string, string>> AssertNothingAboveLowAsync(
        IPEndPoint gateway, string serverName, string scratch, params string[] sections)
    {
        string report = Path.Combine(scratch, "testssl.json");
        await Tool.RunAsync(
            Tool.Require("testssl"),
            [
                "--quiet", "--color", "0", "--warnings", "batch", "--nodns", "none", "--jsonfile", report, "--ip", gateway.Address.ToString(),
                .. sections, $"{serverName}:{gateway.Port}",
            ],
            within: TimeSpan.FromMinutes(5));
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(report));
        var findings = document.RootElement.EnumerateArray()
            .Select(one => (Id: one.GetProperty("id").GetString()!, Severity: one.GetProperty("severity").GetString()!, Text: one.GetProperty("finding").GetString()!))
            .ToArray();
        Assert.True(findings.Length > 5, "testssl looked at nothing");
        Assert.DoesNotContain(findings, finding => Above.Contains(finding.Severity));
        return findings.DistinctBy(finding => finding.Id).ToDictionary(finding => finding.Id, finding => finding.Text);
    }
}

/// <summary>sslscan's report.</summary>
internal static class SslScan
{
    public static async Task<XElement> RunAsync(IPEndPoint gateway, string serverName)
    {
        ToolResult result = await Tool.RunAsync(
            Tool.Require("sslscan"), ["--no-colour", "--xml=-", $"--sni-name={serverName}", gateway.ToString()], within: TimeSpan.FromMinutes(2));
        result.AssertSuccess();
        return XDocument.Parse(result.Output[result.Output.IndexOf("<?xml", StringComparison.Ordinal)..]).Descendants("ssltest").Single();
    }
}
