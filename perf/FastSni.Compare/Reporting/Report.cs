using FastSni.Compare.Contenders;
using FastSni.Compare.Modes;

namespace FastSni.Compare.Reporting;

/// <summary>A run that has ended, as the reports tell it.</summary>
internal sealed record Report
{
    public required RunOptions Options { get; init; }
    public required DateTimeOffset Begun { get; init; }
    public required TimeSpan Took { get; init; }
    public required IReadOnlyList<string> Machine { get; init; }
    /// <summary>What was asked for and not measured, and why.</summary>
    public required IReadOnlyList<string> LeftOut { get; init; }
    /// <summary>Those that were there.</summary>
    public required IReadOnlyList<Contender> Contenders { get; init; }
    public required IReadOnlyList<Mode> Modes { get; init; }
    public required Results Results { get; init; }
    public required Scorecard Scorecard { get; init; }
}
