using Microsoft.Extensions.Logging;

namespace FastSni.Operations;

/// <summary>What the admin server says.</summary>
internal static partial class AdminLog
{
    [LoggerMessage(LogLevel.Warning, "Admin address: {Peer} is not in [admin] allow and was cut off (in all {Count})")]
    public static partial void PeerRefused(ILogger log, string peer, long count);

    [LoggerMessage(LogLevel.Warning, "Admin address: {Peer} was cut off, there are too many connections (in all {Count})")]
    public static partial void ConnectionRefused(ILogger log, string peer, long count);

    [LoggerMessage(LogLevel.Warning, "Admin address: {Peer} sent a wrong token (in all {Count})")]
    public static partial void TokenWrong(ILogger log, string peer, long count);

    [LoggerMessage(LogLevel.Warning, "Admin address: {Peer} must wait, there were too many wrong tokens (in all {Count})")]
    public static partial void AttemptLimited(ILogger log, string peer, long count);

    [LoggerMessage(LogLevel.Warning, "Admin address: changes are refused, {File} of [admin] token-file: {Problem}")]
    public static partial void TokenFileUnusable(ILogger log, string file, string problem);

    [LoggerMessage(LogLevel.Information, "Admin address: {Peer} has banned {Prefix}")]
    public static partial void Banned(ILogger log, string peer, string prefix);

    [LoggerMessage(LogLevel.Information, "Admin address: {Peer} has taken back the ban of {Prefix}")]
    public static partial void Unbanned(ILogger log, string peer, string prefix);

    [LoggerMessage(LogLevel.Error, "Admin address: a fault in a request; it was answered 500 or cut, the others go on")]
    public static partial void RequestFault(ILogger log, Exception fault);
}
