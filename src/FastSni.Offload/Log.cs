using Microsoft.Extensions.Logging;

namespace FastSni.Offload;

/// <summary>Everything this room says.</summary>
internal static partial class Log
{
    [LoggerMessage(400, LogLevel.Information, "certificate {File} is in use: {Names}, from {Issuer}, good until {NotAfter:u}")]
    internal static partial void CertificateLoaded(ILogger log, string file, string names, string issuer, DateTimeOffset notAfter);

    [LoggerMessage(401, LogLevel.Warning, "certificate {File} ({Names}) is good until {NotAfter:u} only, and has not been renewed")]
    internal static partial void CertificateEnds(ILogger log, string file, string names, DateTimeOffset notAfter);

    [LoggerMessage(402, LogLevel.Error, "certificate {File} can't be used: {Reason}; {Consequence}")]
    internal static partial void CertificateRefused(ILogger log, string file, string reason, string consequence);

    [LoggerMessage(403, LogLevel.Error, "a fault while looking for changed certificates; those in use stay")]
    internal static partial void LookFault(ILogger log, Exception fault);

    [LoggerMessage(404, LogLevel.Debug, "TLS handshake of {Client} failed: {Reason}")]
    internal static partial void HandshakeFailed(ILogger log, string client, string reason);

    [LoggerMessage(405, LogLevel.Debug, "TLS handshake of {Client} took too long")]
    internal static partial void HandshakeTimedOut(ILogger log, string client);
}
