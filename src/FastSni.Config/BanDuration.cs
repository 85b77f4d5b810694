using System.Diagnostics.CodeAnalysis;
using FastSni.Config.Rules;

namespace FastSni.Config;

/// <summary>How long a ban lasts, written as durations are in the file.</summary>
public static class BanDuration
{
    /// <summary>The longest; what lasts longer is meant to last until it is taken back.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromDays(3650);

    private static readonly DurationRule Rule = new(TimeSpan.FromSeconds(1), Max);

    /// <param name="problem">What is wrong with the text and what would be right.</param>
    public static bool TryParse(string text, out TimeSpan duration, [NotNullWhen(false)] out string? problem)
    {
        List<string> problems = [];
        bool isRead = Rule.TryRead(text, problems, out duration);
        problem = isRead ? null : string.Join("; ", problems);
        return isRead;
    }
}
