namespace FastSni.Passthrough;

/// <summary>Which stage of the pipeline a session is in.</summary>
internal enum Phase : byte
{
    /// <summary>The slot is free.</summary>
    Closed,
    /// <summary>Waiting for the PROXY header of a trusted peer.</summary>
    ProxyHeader,
    /// <summary>Waiting for a whole ClientHello.</summary>
    Hello,
    /// <summary>A connection to a server is under way.</summary>
    Connecting,
    /// <summary>Connected; the PROXY header and the client's first bytes are to be sent.</summary>
    Greeting,
    /// <summary>Bytes flow.</summary>
    Pumping,
    /// <summary>One side was reset; the other gets what is still under way to it, then the reset.</summary>
    Resetting,
    /// <summary>Refused; the client is given a moment to read the end.</summary>
    Lingering,
}
