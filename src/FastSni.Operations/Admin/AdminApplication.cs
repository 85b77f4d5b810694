using FastSni.Wire;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FastSni.Operations;

/// <summary>Kestrel's way to the pages, with a frame around every request: who may ask, how long it may take, what becomes of a fault.</summary>
internal sealed class AdminApplication(BanPages bans, AdminAccess access, AdminEvents events) : IHttpApplication<HttpContext>
{
    private const string Overview = """
        FastSni

        GET /bans                       who is banned
        POST /bans                      bans: {"address": "192.0.2.1", "for": "1h", "reason": "text"}
                                        a prefix such as 10.0.0.0/8 too; without "for", until it is taken back
        DELETE /bans/ADDRESS[/BITS]     takes a ban back

        Changes need the header Authorization: Bearer TOKEN.

        """;

    // With the least rates of a body and an answer alone, a request could last for hours.
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public async Task ProcessRequestAsync(HttpContext context)
    {
        using CancellationTokenSource late = new(RequestTimeout);
        await using CancellationTokenRegistration cut = late.Token.Register(context.Abort);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await AnswerAsync(context);
        }
        catch (BadHttpRequestException refused) when (!context.Response.HasStarted)
        {
            await AdminAnswer.ErrorAsync(context, refused.StatusCode, refused.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? $"the body is longer than {AdminListener.BodyBytesMax} bytes" : "the request broke off, or was too slow");
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to be answered.
        }
        catch (Exception fault)
        {
            await FailAsync(context, fault);
        }
    }

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // It holds nothing.
    }

    private Task AnswerAsync(HttpContext context)
    {
        IpEndpoint peer = context.Connection.RemoteIpAddress is { } address ? IpEndpoint.Create(address, context.Connection.RemotePort) : default;
        // Connections stay open over a reload.
        if (!access.IsAllowed(peer))
        {
            events.PeerRefused(peer);
            context.Abort();
            return Task.CompletedTask;
        }
        string path = context.Request.Path.Value ?? "";
        if (path == "/")
            return context.Request.Method == HttpMethods.Get ? AdminAnswer.TextAsync(context, Overview) : AdminAnswer.NotAllowedAsync(context, "GET");
        if (path == BanPages.Path)
            return bans.ListAsync(context, peer);
        if (path.StartsWith(BanPages.Path + "/", StringComparison.Ordinal))
            return bans.EntryAsync(context, peer, path[(BanPages.Path.Length + 1)..]);
        return AdminAnswer.ErrorAsync(context, StatusCodes.Status404NotFound, "there is nothing here: GET / says what there is");
    }

    private Task FailAsync(HttpContext context, Exception fault)
    {
        events.RequestFault(fault);
        if (!context.Response.HasStarted)
            return AdminAnswer.ErrorAsync(context, StatusCodes.Status500InternalServerError, "the gateway has failed over this request; its log says how");
        context.Abort();
        return Task.CompletedTask;
    }
}
