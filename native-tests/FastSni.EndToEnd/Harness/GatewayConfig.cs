using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// One INI file in the making. It begins with what every test needs (paths of its own, both default actions written out, no limit per client) and
/// every key can be set again.
/// </summary>
internal sealed class GatewayConfig
{
    private readonly List<(string Name, List<(string Key, string Value)> Keys)> _sections = [];
    private readonly Dictionary<string, IPEndPoint> _endpoints = [];

    public GatewayConfig(int workers = 1)
    {
        Gateway("workers", workers.ToString(CultureInfo.InvariantCulture));
        Gateway("log", "stdout");
        Gateway("max-connections-per-client", "0");
        Gateway("max-pending-hellos", "20000");
        Gateway("max-pending-hellos-per-client", "20000");
        Default("action", "reject");
        Default("no-name-action", "reject");
    }

    /// <summary>The usual case: one tls listener called https.</summary>
    public static GatewayConfig Https(int workers = 1, AddressFamily family = AddressFamily.InterNetwork) =>
        new GatewayConfig(workers).Listen("https", "tls", Loopback.Next(family));

    public GatewayConfig Set(string section, string key, string value)
    {
        List<(string Key, string Value)> keys = Section(section);
        int known = keys.FindIndex(pair => pair.Key == key);
        if (known >= 0)
            keys[known] = (key, value);
        else
            keys.Add((key, value));
        return this;
    }

    public GatewayConfig Gateway(string key, string value) => Set("gateway", key, value);

    public GatewayConfig Default(string key, string value) => Set("default", key, value);

    public GatewayConfig Listen(string name, string mode, IPEndPoint at, params (string Key, string Value)[] more)
    {
        _endpoints[name] = at;
        return Add($"listen:{name}", [("address", at.ToString()), ("mode", mode), .. more]);
    }

    /// <summary>`address = :PORT`: every IPv4 and IPv6 address.</summary>
    public GatewayConfig ListenEverywhere(string name, string mode, int port, params (string Key, string Value)[] more)
    {
        _endpoints[name] = new IPEndPoint(IPAddress.Loopback, port);
        return Add($"listen:{name}", [("address", $":{port}"), ("mode", mode), .. more]);
    }

    /// <param name="names">As in the file; null leaves the key out.</param>
    public GatewayConfig Passthrough(string name, string? names, string backend, params (string Key, string Value)[] more) =>
        Add($"passthrough:{name}", [.. names is null ? [] : new[] { ("names", names) }, ("backend", backend), .. more]);

    /// <summary>A backend that is told the client's address with PROXY v1.</summary>
    public GatewayConfig Passthrough(string name, string? names, TestBackend backend, params (string Key, string Value)[] more) =>
        Passthrough(name, names, backend.Address, [.. backend.ExpectsProxy ? new[] { ("proxy-protocol", "v1") } : [], .. more]);

    /// <param name="certificate">null leaves the keys out, for a section that shares another one's.</param>
    public GatewayConfig Offload(
        string name, string? names, string backend, IssuedCertificate? certificate, params (string Key, string Value)[] more) =>
        Add($"offload:{name}",
        [
            .. names is null ? [] : new[] { ("names", names) },
            ("backend", backend),
            .. certificate is null ? [] : new[] { ("certificate", certificate.CertificatePath), ("certificate-key", certificate.KeyPath) },
            .. more,
        ]);

    public GatewayConfig Offload(
        string name, string? names, HttpBackend backend, IssuedCertificate? certificate, params (string Key, string Value)[] more) =>
        Offload(name, names, backend.Url, certificate, more);

    public GatewayConfig Without(string section)
    {
        _sections.RemoveAll(known => known.Name == section);
        return this;
    }

    public IPEndPoint EndPoint(string listener) => _endpoints[listener];

    /// <summary>The file's text; what has a default place outside a test's reach is put under this directory.</summary>
    public string Text(string directory)
    {
        StringBuilder text = new();
        foreach ((string name, List<(string Key, string Value)> keys) in _sections)
        {
            text.Append(CultureInfo.InvariantCulture, $"[{name}]\n");
            if (name == "gateway")
                AppendPaths(text, keys, directory);
            foreach ((string key, string value) in keys)
                text.Append(CultureInfo.InvariantCulture, $"{key} = {value}\n");
            text.Append('\n');
        }
        if (!Has("admin", "socket"))
            text.Append(CultureInfo.InvariantCulture, $"[admin]\nsocket = {directory}/control.sock\n");
        return text.ToString();
    }

    private bool Has(string section, string key) => _sections.Exists(known => known.Name == section && known.Keys.Exists(pair => pair.Key == key));

    private static void AppendPaths(StringBuilder text, List<(string Key, string Value)> keys, string directory)
    {
        if (!keys.Exists(pair => pair.Key == "access-log"))
            text.Append(CultureInfo.InvariantCulture, $"access-log = {directory}/access.log\n");
        if (!keys.Exists(pair => pair.Key == "state-directory"))
            text.Append(CultureInfo.InvariantCulture, $"state-directory = {directory}/state\n");
    }

    private GatewayConfig Add(string section, IEnumerable<(string Key, string Value)> keys)
    {
        foreach ((string key, string value) in keys)
            Set(section, key, value);
        return this;
    }

    private List<(string Key, string Value)> Section(string name)
    {
        int known = _sections.FindIndex(section => section.Name == name);
        if (known >= 0)
            return _sections[known].Keys;
        List<(string Key, string Value)> keys = [];
        _sections.Add((name, keys));
        return keys;
    }
}
