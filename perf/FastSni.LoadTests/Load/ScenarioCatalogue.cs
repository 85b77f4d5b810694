namespace FastSni.LoadTests.Load;

/// <summary>What clients of a gateway do.</summary>
internal static class ScenarioCatalogue
{
    public const string Mixed = "mixed", Every = "all";

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("passthrough", "connect through a passthrough name, TLS with the backend behind it, one request, end", AskThroughPassthroughAsync),
        new("https-keepalive", "a request over a kept connection whose TLS ends at the gateway", AskOverKeptHttpsAsync),
        new("https-new", "a new connection whose TLS ends at the gateway, full handshake, one request, end", AskOverNewHttpsAsync),
        new("redirect", "a new connection to port 80, answered with the way to https", BeRedirectedAsync),
        new(Mixed, "of ten steps four by passthrough, four over kept HTTPS, one over new HTTPS, one redirect", DoAnyAsync),
    ];

    /// <summary>The scenarios of a comma-separated list; names that are none of ours are left out.</summary>
    public static IReadOnlyList<Scenario> Find(string list)
    {
        string[] names = Split(list);
        return [.. All.Where(scenario => names.Contains(Every) || names.Contains(scenario.Name))];
    }

    /// <summary>The names in it that are none of ours.</summary>
    public static IEnumerable<string> Unknown(string list) => Split(list).Except(All.Select(scenario => scenario.Name).Append(Every));

    public static Task<StepResult> AskThroughPassthroughAsync(ScenarioContext context, CancellationToken cancel) =>
        context.AskAsync(context.Target.Passthrough, keepsConnection: false, cancel);

    public static Task<StepResult> AskOverKeptHttpsAsync(ScenarioContext context, CancellationToken cancel) =>
        context.AskAsync(context.Target.Https, keepsConnection: true, cancel);

    public static Task<StepResult> AskOverNewHttpsAsync(ScenarioContext context, CancellationToken cancel) =>
        context.AskAsync(context.Target.Https, keepsConnection: false, cancel);

    public static Task<StepResult> BeRedirectedAsync(ScenarioContext context, CancellationToken cancel) => context.BeRedirectedAsync(cancel);

    public static async Task<StepResult> DoAnyAsync(ScenarioContext context, CancellationToken cancel)
    {
        // In turn and not by chance, so that two runs do the same.
        Scenario any = All[(context.NextNumber() % 10) switch { 0 or 3 or 5 or 8 => 0, 1 or 4 or 6 or 9 => 1, 2 => 2, _ => 3 }];
        StepResult result = await any.Step(context, cancel);
        return result.IsOk ? result : StepResult.Failed($"{any.Name}: {result.FailureReason}");
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
