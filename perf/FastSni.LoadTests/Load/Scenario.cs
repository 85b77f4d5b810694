namespace FastSni.LoadTests.Load;

/// <summary>One thing a client does, again and again. It knows nothing of how often, nor of who counts.</summary>
/// <param name="Step">One time of it; ends by itself within <see cref="ScenarioContext.Patience"/>.</param>
internal sealed record Scenario(string Name, string Description, Func<ScenarioContext, CancellationToken, Task<StepResult>> Step);

/// <summary>How one step went.</summary>
/// <param name="Bytes">Of the answer's body.</param>
/// <param name="FailureReason">null: it went well. Few different ones, so that they can be counted.</param>
internal readonly record struct StepResult(long Bytes, string? FailureReason)
{
    public bool IsOk => FailureReason is null;

    public static StepResult Ok(long bytes) => new(bytes, null);

    public static StepResult Failed(string reason) => new(0, reason);
}
