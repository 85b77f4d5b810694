using FastSni.Config.Rules;

namespace FastSni.Config;

/// <summary>How long a ban lasts, written like any duration of the configuration.</summary>
public static class BanDuration
{
    private static readonly DurationRule Rule = new(TimeSpan.FromSeconds(1), TimeSpan.FromDays(3650));

    /// <returns>What is wrong with it, or null.</returns>
    public static string? Read(string text, out TimeSpan duration)
    {
        List<string> problems = [];
        Rule.TryRead(text, problems, out duration);
        return problems.FirstOrDefault();
    }
}
