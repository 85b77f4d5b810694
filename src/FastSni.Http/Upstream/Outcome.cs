namespace FastSni.Http;

/// <summary>How an attempt at one connection ended.</summary>
internal enum Outcome
{
    /// <summary>It has not ended, or nothing is wrong.</summary>
    None,
    /// <summary>The client has its answer.</summary>
    Delivered,
    /// <summary>No byte of the request was sent: the connection had ended, or had stray bytes.</summary>
    NotSent,
    /// <summary>The connection ended before the first byte of an answer.</summary>
    NoAnswer,
    /// <summary>The answer was no HTTP, or was cut.</summary>
    BadAnswer,
    /// <summary>The backend took too long.</summary>
    TimedOut,
    /// <summary>The client has left, or its request was cut.</summary>
    ClientGone,
    /// <summary>The request can't be written as HTTP/1.1.</summary>
    BadRequest,
}
