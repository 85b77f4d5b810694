namespace FastSni.Http;

/// <summary>What a backend is told of the client.</summary>
internal readonly record struct ForwardedValues(string RealIp, string For, string Proto, string Host, string Port, string Forwarded)
{
    internal static ForwardedValues Of(Exchange exchange)
    {
        string address = exchange.Client.Client.ToIPAddress().ToString();
        string proto = exchange.IsHttps ? "https" : "http";
        string port = exchange.Client.Local.Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string node = exchange.Client.Client.IsV6 ? $"\"[{address}]\"" : address;
        return new(address, address, proto, exchange.Request.Headers.Host.ToString(), port, $"for={node};proto={proto}");
    }
}
