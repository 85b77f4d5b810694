using System.Net.Sockets;
using System.Security.Authentication;

namespace FastSni.Backends;

/// <summary>What an exception says of a check, in a few words for the log, and none of them the backend's: its bytes may hold anything.</summary>
internal static class HealthFailure
{
    internal static string Describe(Exception failure) => failure switch
    {
        SocketException socket => socket.SocketErrorCode.ToString(),
        HttpRequestException { InnerException: IOException inner } => Describe(inner),
        HttpRequestException http => $"HTTP: {http.HttpRequestError}",
        HttpIOException http => $"HTTP: {http.HttpRequestError}",
        AuthenticationException tls => $"TLS: {tls.Message}",
        IOException { InnerException: SocketException inner } => Describe(inner),
        IOException io => io.Message,
        _ => failure.GetType().Name,
    };
}
