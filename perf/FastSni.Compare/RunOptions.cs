namespace FastSni.Compare;

/// <summary>What was asked for on the command line, defaults filled in.</summary>
internal sealed record RunOptions
{
    /// <summary>The published binary; null = FastSni does not take part.</summary>
    public required string? FastSniPath { get; init; }
    public required IReadOnlyList<string> Modes { get; init; }
    public required IReadOnlyList<string> Contenders { get; init; }
    public required int Repetitions { get; init; }
    public required double Seconds { get; init; }
    public required double WarmupSeconds { get; init; }
    public required int IdleConnections { get; init; }
    public required int Names { get; init; }
    /// <summary>The whole run's time; what does not fit is left out.</summary>
    public required double Minutes { get; init; }
    /// <summary>Where the contender runs.</summary>
    public required int WorkerCpu { get; init; }
    /// <summary>Where client, backend and this driver run.</summary>
    public required int LoadCpu { get; init; }
    /// <summary>The Markdown file, beside which the JSON and the SVG file go; null = the terminal alone.</summary>
    public required string? ReportPath { get; init; }
    public required string ReferenceDirectory { get; init; }
}
