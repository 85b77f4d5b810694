namespace FastSni.Config.Schema;

/// <summary>What is said about names of the interface whose part of the program does not exist yet: each with what to do instead.</summary>
internal static class NotYet
{
    private const string Built = "not built into this version yet";

    public const string Acme = $"certificates by ACME are {Built}: remove this section; a passthrough backend gets its own certificates";

    public const string AutoCertificate =
        $"certificate = auto is {Built}: write the path of a PEM file, or leave the key out for a self-signed certificate";

    public const string QuicListener = $"mode = quic is reserved and {Built}: write tls, http or tcp";

    public const string TransparentSource = $"source-address = client is reserved and {Built}: write auto or an address of this machine";
}
