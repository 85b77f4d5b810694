namespace FastSni.Config;

/// <summary>A file with certificates or a key.</summary>
public static class PemFile
{
    /// <summary>A chain has a few KiB, a bundle of all public CAs a few hundred.</summary>
    public const int BytesMax = 1024 * 1024;
}
