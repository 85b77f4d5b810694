using System.Text.Json;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Every scenario of perf/FastSni.LoadTests against the published gateway, for two seconds. How fast it is nobody asks.</summary>
[Collection(Alone.Name)]
public sealed class LoadTestsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [SkippableTheory]
    [InlineData("passthrough", "--rate", "20")]
    [InlineData("https-keepalive", "--clients", "4")]
    [InlineData("https-new", "--clients", "2")]
    [InlineData("redirect", "--rate", "20")]
    [InlineData("mixed", "--clients", "4")]
    public async Task A_scenario_runs_without_a_failure_and_leaves_a_report_with_plots(string scenario, string model, string number)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("fastsni-load-report-");
        try
        {
            (int exitCode, string output) = await RunAsync(
                ["--scenario", scenario, model, number, "--seconds", "2", "--warm-up", "0", "--fastsni", GatewayBinary.Path, "--report", directory.FullName]);

            Assert.True(exitCode == 0, $"exit {exitCode}\n{output}");
            using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory.FullName, "report.json")));
            JsonElement result = Assert.Single(report.RootElement.GetProperty("results").EnumerateArray());
            Assert.Equal(scenario, result.GetProperty("scenario").GetString());
            Assert.Equal(0, result.GetProperty("failed").GetInt64());
            Assert.InRange(result.GetProperty("ok").GetInt64(), 1, long.MaxValue);
            // A redirect has no body.
            Assert.Equal(scenario != "redirect", result.GetProperty("bytes").GetInt64() > 0);
            string page = await File.ReadAllTextAsync(Path.Combine(directory.FullName, "report.html"));
            Assert.Contains($"<title>{scenario}: latency</title>", page);
            Assert.Contains($"<title>{scenario}: throughput</title>", page);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [SkippableTheory]
    [InlineData("--target 192.0.2.1:443 --scenario https-new", "only an address of 127.0.0.0/8")]
    [InlineData("--rate 5 --clients 5", "the closed one")]
    [InlineData("--seconds 100000", "--seconds is from")]
    [InlineData("--scenario nonsense", "'nonsense' is none of")]
    public async Task What_is_not_to_be_run_is_refused_with_a_reason(string arguments, string reason)
    {
        (int exitCode, string output) = await RunAsync(arguments.Split(' '));

        Assert.NotEqual(0, exitCode);
        Assert.Contains(reason, output);
    }

    [SkippableFact]
    public async Task A_target_that_refuses_is_a_failed_run()
    {
        // Nobody listens at port 9 of this address.
        (int exitCode, string output) = await RunAsync(["--target", "127.99.99.99:9", "--scenario", "https-new", "--clients", "1", "--seconds", "1", "--warm-up", "0"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("connection: ConnectionRefused", output);
    }

    private static Task<(int ExitCode, string Output)> RunAsync(string[] arguments) => LoadTestsProgram.RunAsync("load", arguments, Patience);
}
