using System.Globalization;
using FastSni.Wire;
using Microsoft.AspNetCore.Http;

namespace FastSni.Operations;

/// <summary>/bans and what lies below it.</summary>
internal sealed class BanPages(IBanControl bans, AdminAccess access, TimeProvider time, AdminEvents events)
{
    internal const string Path = "/bans";

    // A list of 100,000 weighs about 30 MB while it is written.
    private const int ListsMax = 2;

    private int _lists;

    /// <summary>/bans: shows the list, or bans.</summary>
    internal Task ListAsync(HttpContext context, IpEndpoint peer) => context.Request.Method switch
    {
        "GET" => ShowAsync(context),
        "POST" => BanAsync(context, peer),
        _ => AdminAnswer.NotAllowedAsync(context, "GET, POST"),
    };

    /// <summary>/bans/ADDRESS[/BITS]: takes a ban back.</summary>
    /// <param name="name">Decoded as Kestrel does it: all but the slash.</param>
    internal async Task EntryAsync(HttpContext context, IpEndpoint peer, string name)
    {
        if (context.Request.Method != HttpMethods.Delete)
        {
            await AdminAnswer.NotAllowedAsync(context, "DELETE");
            return;
        }
        if (!await IsAuthorizedAsync(context, peer))
            return;
        if (!AddressPrefix.TryParse(name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase), out AddressPrefix prefix))
            await AdminAnswer.ErrorAsync(context, StatusCodes.Status400BadRequest, "what stands behind /bans/ is no address and no prefix: write /bans/192.0.2.1 or /bans/2001:db8::/32");
        else if (await bans.UnbanAsync(prefix) is { } refusal)
            await AdminAnswer.ErrorAsync(context, IsListed(prefix) ? StatusCodes.Status409Conflict : StatusCodes.Status404NotFound, refusal);
        else
        {
            events.Unbanned(peer, prefix);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
    }

    private async Task ShowAsync(HttpContext context)
    {
        try
        {
            if (Interlocked.Increment(ref _lists) <= ListsMax)
            {
                await AdminAnswer.JsonAsync(context, new BanList(bans.Bans()), AdminJson.Plain.BanList);
                return;
            }
            context.Response.Headers.RetryAfter = "1";
            await AdminAnswer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "others are reading the list: try again");
        }
        finally
        {
            Interlocked.Decrement(ref _lists);
        }
    }

    private async Task BanAsync(HttpContext context, IpEndpoint peer)
    {
        if (!await IsAuthorizedAsync(context, peer))
            return;
        // Kestrel ends the copy at the limit.
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        BanRequest asked = new();
        if (asked.Read(body.GetBuffer().AsMemory(0, (int)body.Length)) is { } problem)
        {
            await AdminAnswer.ErrorAsync(context, StatusCodes.Status400BadRequest, problem);
            return;
        }
        DateTimeOffset now = time.GetUtcNow();
        BanAnswer answer = await bans.BanAsync(asked.Prefix, asked.Duration, asked.Reason);
        if (answer.Error is { } refusal)
        {
            if (answer.IsForNow)
                context.Response.Headers.RetryAfter = "1";
            await AdminAnswer.ErrorAsync(context, answer.IsForNow ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status422UnprocessableEntity, refusal);
            return;
        }
        events.Banned(peer, asked.Prefix);
        context.Response.StatusCode = StatusCodes.Status201Created;
        BanEntry entry = new(asked.Prefix.ToString(), asked.Reason, now, now + asked.Duration, IsFromFile: false);
        await AdminAnswer.JsonAsync(context, entry, AdminJson.Plain.BanEntry);
    }

    // What can't be taken back although it is listed stands in the file.
    private bool IsListed(AddressPrefix prefix)
    {
        string text = prefix.ToString();
        return bans.Bans().Any(ban => ban.Address == text);
    }

    private async Task<bool> IsAuthorizedAsync(HttpContext context, IpEndpoint peer)
    {
        TokenVerdict verdict = access.Judge(peer, context.Request.Headers.Authorization.ToString());
        if (verdict.Error is not { } refusal)
            return true;
        if (verdict.Status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        if (verdict.RetryAfter > TimeSpan.Zero)
            context.Response.Headers.RetryAfter = Math.Ceiling(verdict.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        await AdminAnswer.ErrorAsync(context, verdict.Status, refusal);
        return false;
    }
}
