using System.Net;
using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>What is listened on: `:443` (every address, two sockets), `192.0.2.1:443` or `[2001:db8::1]:443`.</summary>
/// <param name="example">A port for messages.</param>
internal sealed class EndpointRule(int example) : Rule<ListenEndpoint[]>
{
    private readonly string _remedy = $"write :{example} for every address, 192.0.2.1:{example} or [2001:db8::1]:{example}";

    public override bool TryRead(string text, List<string> problems, out ListenEndpoint[] value)
    {
        value = [];
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? text : text[..colon];
        if (text.All(char.IsAsciiDigit))
            return Fail(problems, $"{Quote.Of(text)} is a port without its colon: write :{Quote.Short(text)}");
        if (Addresses.TryParse(text, out IPAddress bare))
            return Fail(problems, $"{Quote.Of(text)} has no port: write {Addresses.Bracketed(bare)}:{example}");
        if (colon < 0 || text.EndsWith(']'))
            return Fail(problems, $"{Quote.Of(text)} has no port: {_remedy}");
        if (!Addresses.TryParsePort(text[(colon + 1)..], out int port))
            return Fail(problems, $"{Quote.Of(text)}: a port is 1 to {Addresses.PortMax}");
        if (host.Length == 0)
        {
            value = [new(IPAddress.Any, port), new(IPAddress.IPv6Any, port) { IsOptional = true }];
            return true;
        }
        if (!Addresses.TryParseHost(host, out IPAddress address))
            return Fail(problems, $"{Quote.Of(text)} is not an address and port to listen on: {_remedy}");
        value = [new(address, port)];
        return true;
    }
}
