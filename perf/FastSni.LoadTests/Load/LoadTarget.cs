using System.Net;

namespace FastSni.LoadTests.Load;

/// <summary>The gateway that is asked, always on loopback.</summary>
/// <param name="Tls">Where it listens for TLS, and for redirects.</param>
/// <param name="Passthrough">What is asked of the backend behind a passthrough name.</param>
/// <param name="Https">What is asked of a name whose TLS ends at the gateway.</param>
/// <param name="Plain">What is to be redirected to https.</param>
/// <param name="BodyBytes">What every answer must bring; null: any answer below 400 will do.</param>
internal sealed record LoadTarget(IPEndPoint Tls, IPEndPoint Http, Uri Passthrough, Uri Https, Uri Plain, int? BodyBytes)
{
    /// <summary>A gateway that runs already. Every scenario asks at this one address.</summary>
    public static LoadTarget At(IPEndPoint address, string name)
    {
        Uri https = new($"https://{name}/");
        return new(address, address, https, https, new($"http://{name}/"), null);
    }

    /// <summary>An address and port of 127.0.0.0/8 or ::1, written in digits: what is not ours is not to be loaded, not even by a wrong name server.</summary>
    public static bool TryParse(string text, out IPEndPoint? address) =>
        IPEndPoint.TryParse(text, out address) && address.Port > 0 && IPAddress.IsLoopback(address.Address);
}
