using System.Net;
using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>What a listener opens: `:443` (every address, two sockets), `192.0.2.1:443` or `[2001:db8::1]:443`.</summary>
internal sealed class EndpointRule : Rule<ListenEndpoint[]>
{
    private const string Remedy = "write :443 for every address, 192.0.2.1:443 or [2001:db8::1]:443";

    public override bool TryRead(string text, List<string> problems, out ListenEndpoint[] value)
    {
        value = [];
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? text : text[..colon];
        if (text.All(char.IsAsciiDigit))
            return Fail(problems, $"{Quote.Of(text)} is a port without its colon: write :{Quote.Short(text)}");
        if (Addresses.TryParse(text, out IPAddress bare))
            return Fail(problems, $"{Quote.Of(text)} has no port: write {Addresses.Bracketed(bare)}:443");
        if (colon < 0 || text.EndsWith(']'))
            return Fail(problems, $"{Quote.Of(text)} has no port: {Remedy}");
        if (!Addresses.TryParsePort(text[(colon + 1)..], out int port))
            return Fail(problems, $"{Quote.Of(text)}: a port is 1 to {Addresses.PortMax}");
        if (host.Length == 0)
        {
            value = [new(IPAddress.Any, port), new(IPAddress.IPv6Any, port) { IsOptional = true }];
            return true;
        }
        if (!Addresses.TryParseHost(host, out IPAddress address))
            return Fail(problems, $"{Quote.Of(text)} is not an address and port to listen on: {Remedy}");
        value = [new(address, port)];
        return true;
    }
}
