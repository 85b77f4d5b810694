namespace FastSni.LoadTests.Load;

/// <summary>How load comes.</summary>
internal abstract record LoadModel;

/// <summary>Open: so many steps a second begin at fixed times, however long those before them take.</summary>
internal sealed record Inject(int RatePerSecond) : LoadModel
{
    public const int RateMax = 20_000;

    public override string ToString() => $"{RatePerSecond}/s at fixed times";
}

/// <summary>Closed: so many clients, each of which begins its next step when its last has ended.</summary>
internal sealed record KeepConstant(int Clients) : LoadModel
{
    public const int ClientsMax = 4_000;

    public override string ToString() => Clients == 1 ? "1 client" : $"{Clients} clients";
}

/// <param name="WarmUp">The same load, before it counts.</param>
internal sealed record LoadPlan(LoadModel Model, TimeSpan WarmUp, TimeSpan Length)
{
    public const int SecondsMax = 3_600, WarmUpSecondsMax = 300;

    public TimeSpan End => WarmUp + Length;

    /// <summary>What is wrong with it, for whoever asked for it; null: nothing.</summary>
    public static string? Refusal(int? rate, int? clients, double seconds, double warmUpSeconds)
    {
        if (rate is not null && clients is not null)
            return "--rate is the open model and --clients the closed one: give one of them";
        if (rate is < 1 or > Inject.RateMax)
            return $"--rate is from 1 to {Inject.RateMax} a second";
        if (clients is < 1 or > KeepConstant.ClientsMax)
            return $"--clients is from 1 to {KeepConstant.ClientsMax}";
        if (seconds is not (>= 0.1 and <= SecondsMax))
            return $"--seconds is from 0.1 to {SecondsMax}";
        return warmUpSeconds is >= 0 and <= WarmUpSecondsMax ? null : $"--warm-up is from 0 to {WarmUpSecondsMax} seconds";
    }
}
