namespace FastSni.LoadTests.Soak;

/// <summary>How long, how much, how often; every size of the soak.</summary>
internal sealed record SoakOptions
{
    public required string FastSniPath { get; init; }
    public required TimeSpan Length { get; init; }
    public required int Workers { get; init; }
    /// <summary>Passthrough, PROXY-in and tcp sessions that come and go; so many are open at a time.</summary>
    public required int Passthrough { get; init; }
    /// <summary>Passthrough sessions that are merely open.</summary>
    public required int Idle { get; init; }
    /// <summary>Connections whose TLS ends at the gateway; every fourth speaks HTTP/2.</summary>
    public required int Offload { get; init; }
    /// <summary>Clients of port 80.</summary>
    public required int Plain { get; init; }
    /// <summary>Clients that send garbage, or too little, or open too much.</summary>
    public required int Hostile { get; init; }
    /// <summary>How long a connection that comes and goes lives, on average.</summary>
    public required TimeSpan Life { get; init; }
    public required double AbortShare { get; init; }
    public required TimeSpan ReloadEvery { get; init; }
    public required TimeSpan RotateEvery { get; init; }
    public required TimeSpan BanEvery { get; init; }
    public required TimeSpan SampleEvery { get; init; }
    public required TimeSpan DrainTimeout { get; init; }
    /// <summary>When the installed program takes over, from the start; early, so that what is measured afterwards is one process.</summary>
    public TimeSpan UpgradeAfter => Length / 12;
    /// <summary>What comes before is not measured: ten minutes of an hour, a third of a short run.</summary>
    public TimeSpan WarmUp => Length < TimeSpan.FromMinutes(30) ? Length / 3 : TimeSpan.FromMinutes(10);
    /// <summary>
    /// Long enough that a client of ours on a machine that is busy with something else never meets it: the load has low priority, and a gap of ten seconds in
    /// a hello has been seen.
    /// </summary>
    public TimeSpan HelloTimeout => TimeSpan.FromSeconds(Math.Clamp(Length.TotalSeconds / 5, 10, 30));
    public required string? ReportPath { get; init; }
}
