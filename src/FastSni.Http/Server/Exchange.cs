using System.IO.Pipelines;
using FastSni.Handoff;
using FastSni.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FastSni.Http;

/// <summary>One request and its answer, on the features that Kestrel gives. Used again for the next request of the connection.</summary>
public sealed class Exchange
{
    private IFeatureCollection? _features;

    /// <summary>Kestrel's own objects: everything below reads from them.</summary>
    public IFeatureCollection Features => _features!;

    public IHttpRequestFeature Request { get; private set; } = null!;

    public IHttpResponseFeature Response { get; private set; } = null!;

    public IHttpResponseBodyFeature ResponseBody { get; private set; } = null!;

    /// <summary>The connection the request came on.</summary>
    public HandedOffClient Client { get; internal set; } = null!;

    internal HandoffConnection? Connection { get; set; }

    /// <summary>The configuration in force when the request began.</summary>
    public HttpPlan Plan { get; private set; } = null!;

    /// <summary>The listener as it is in <see cref="Plan"/>, or as it was when a reload has removed it.</summary>
    public Config.Listener Listener { get; private set; } = null!;

    /// <summary>TLS ended here.</summary>
    public bool IsHttps { get; internal set; }

    /// <summary>The host in canonical form: lower case, without port and trailing dot; an IPv6 literal in brackets. Empty until a handler has checked it.</summary>
    public string Host { get; set; } = "";

    /// <summary>What is asked for, once <see cref="RequestCheck"/> has read it.</summary>
    internal RequestTarget Target { get; set; }

    /// <summary>The body as Kestrel has decoded it.</summary>
    public PipeReader Body => Features.GetRequiredFeature<IRequestBodyPipeFeature>().Reader;

    /// <summary>The client has gone, or the request was aborted.</summary>
    public CancellationToken Aborted => Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;

    // What the access log says about it.
    public string Route { get; set; } = "-";
    public IpEndpoint Backend { get; set; }
    public string? BackendPath { get; set; }
    public long UpBytes { get; set; }
    public long DownBytes { get; set; }
    internal long StartedMicros { get; private set; }

    /// <summary>What <see cref="ForwardedValues"/> keeps of the connection from one request to the next.</summary>
    internal ClientTeller? Teller { get; set; }

    /// <summary>Bytes of the body that the route takes; 0 = any number. Kestrel's own limit would count the framing of chunks too.</summary>
    internal long BodyBytesMax { get; set; }

    /// <exception cref="BadHttpRequestException">413: the body is too large.</exception>
    internal void CountUp(long bytes)
    {
        UpBytes += bytes;
        if (BodyBytesMax > 0 && UpBytes > BodyBytesMax)
            throw new BadHttpRequestException("the body is too large", StatusCodes.Status413PayloadTooLarge);
    }

    /// <summary>Ends the connection (HTTP/1) or the stream (HTTP/2) so that the client can't take what it got for a whole answer.</summary>
    public void Abort() => Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();

    /// <param name="nowMicros">Of <see cref="Clock"/>.</param>
    internal void Begin(IFeatureCollection features, HandedOffClient client, HttpPlan plan, long nowMicros)
    {
        _features = features;
        Request = features.GetRequiredFeature<IHttpRequestFeature>();
        Response = features.GetRequiredFeature<IHttpResponseFeature>();
        ResponseBody = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        (Client, Plan, StartedMicros) = (client, plan, nowMicros);
        Listener = plan.ListenerOf(client.Listener);
    }

    /// <summary>Forgets the request; the connection stays.</summary>
    internal void End() => (Host, Target, Route, Backend, BackendPath, UpBytes, DownBytes, BodyBytesMax) = ("", default, "-", default, null, 0, 0, 0);
}

/// <summary>What a room does with a request.</summary>
public interface IRequestHandler
{
    /// <summary>Answers the request. What it throws is answered 500 if nothing was sent yet, else the connection is cut.</summary>
    Task HandleAsync(Exchange exchange);
}
