namespace FastSni.Hosting.Upgrade;

/// <summary>
/// The two words of an upgrade, one byte each: the successor says that it serves, the predecessor that it has stepped back. Then the successor closes the
/// channel, once operators reach it.
/// </summary>
internal static class Handshake
{
    /// <summary>Loading a large configuration and looking up its names takes seconds, not more.</summary>
    internal static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The predecessor has one datagram to send before it answers.</summary>
    internal static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    internal static readonly byte[] Ready = "R"u8.ToArray(), SteppedBack = "S"u8.ToArray();

    /// <summary>What is drained, one `SECTION/ADDRESS` a line: neither has a line feed.</summary>
    internal const string DrainsVariable = "FASTSNI_UPGRADE_DRAINS";

    internal static string WriteDrains(IEnumerable<string> drains) => string.Join('\n', drains);

    internal static string[] ReadDrains(string? text) => (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
