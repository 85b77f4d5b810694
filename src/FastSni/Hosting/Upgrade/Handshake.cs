namespace FastSni.Hosting.Upgrade;

/// <summary>The two words of an upgrade, one byte each: the successor says that it serves, the predecessor that it has stepped back.</summary>
internal static class Handshake
{
    /// <summary>Loading a large configuration and looking up its names takes seconds, not more.</summary>
    internal static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The predecessor has one datagram to send before it answers.</summary>
    internal static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    internal static readonly byte[] Ready = "R"u8.ToArray(), SteppedBack = "S"u8.ToArray();
}
