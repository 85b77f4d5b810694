namespace FastSni.Wire;

/// <summary>How far the first bytes of a connection agree with the signature of a PROXY header.</summary>
public enum SignatureMatch : byte
{
    /// <summary>They differ from both versions' signatures.</summary>
    None,

    /// <summary>They are the beginning of one, and the rest has not come; so are no bytes at all.</summary>
    Partial,

    /// <summary>They begin with a whole signature.</summary>
    Whole,
}
