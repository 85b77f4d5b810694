namespace FastSni.Config.Schema;

/// <summary>What is said about names of the interface whose part of the program does not exist yet: each with what to do instead.</summary>
internal static class NotYet
{
    private const string Built = "not built into this version yet";

    public const string OffloadSection =
        $"offload is {Built}: remove this section, and send its names to a server that ends TLS itself with a [passthrough:NAME]";

    public const string OffloadAction = $"offload is {Built}: write reject or passthrough:NAME";

    public const string OffloadPage = $"it belongs to offload, which is {Built}: remove this key";

    public const string Acme = $"certificates by ACME are {Built}: remove this section; a passthrough backend gets its own certificates";

    public const string Bans = $"bans are {Built}: remove this section, and use the firewall meanwhile";

    public const string AdminAddress = $"the status page and its address are {Built}: remove this key, or leave its value empty";

    public const string HttpListener = $"mode = http is {Built}: remove this listener, and leave port 80 to the web server you have";

    public const string QuicListener = $"mode = quic is reserved and {Built}: write tls or tcp";

    public const string HttpBackend = $"forwarding of port 80 is {Built}: remove this key";

    public const string AcceptProxy = $"reading PROXY headers from clients is {Built}: write accept-proxy = off";

    public const string HealthCheck = $"health checks are {Built}: write health-check = off";

    public const string TransparentSource = $"source-address = client is reserved and {Built}: write auto or an address of this machine";

    /// <summary>For `[default] action` or `no-name-action` left out where a listener needs it.</summary>
    public static string DefaultAction(string key) =>
        $"the default is offload, which this version doesn't have yet; write {key} = reject or passthrough:NAME";
}
