namespace FastSni.Wire;

/// <summary>What the first bytes of a connection are, to who expects a PROXY header.</summary>
public enum ProxyHeaderStatus : byte
{
    /// <summary>A whole header.</summary>
    Complete,
    /// <summary>The beginning of one, or of a signature.</summary>
    Incomplete,
    /// <summary>No signature: somebody who speaks without a header.</summary>
    None,
    /// <summary>A signature, and behind it what no header may have.</summary>
    Malformed,
}
