namespace FastSni.Http;

/// <summary>Which of a backend's headers a client gets to see.</summary>
internal static class ResponseHeaders
{
    /// <summary>False for headers of the backend's connection and for Content-Length, which the leg sets once it has checked it.</summary>
    internal static bool PassesOn(string name) => !HeaderName.IsHopByHop(name) && !HeaderName.Is(name, "content-length");
}
