using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace FastSni.Http;

/// <summary>Copies the head of a server's answer to the client's.</summary>
internal static class ResponseCopy
{
    /// <summary>Reads the header lines and passes on those that may pass. False: one of them can't be read, or makes the end of the response doubtful.</summary>
    internal static bool TryCopyHeaders(ref HeadLines lines, IHeaderDictionary headers, ValueMemory memory, ref ResponseFraming framing)
    {
        ulong seen = 0;
        while (!lines.IsAtEnd)
        {
            if (!lines.TryReadHeader(out ReadOnlySpan<byte> nameBytes, out ReadOnlySpan<byte> value))
                return false;
            ResponseName name = ResponseName.Of(nameBytes);
            if (name.Role != HeaderRole.None && !framing.TryTake(name.Role, value))
                return false;
            if (!name.PassesOn)
                continue;
            string text = memory.TextOf(name, value);
            bool isFirst = name.Place >= 0 && (seen & (1UL << name.Place)) == 0;
            if (isFirst)
            {
                headers[name.Text] = text;
                seen |= 1UL << name.Place;
            }
            else
                headers.Append(name.Text, text);
        }
        return true;
    }

    /// <summary>Completes the head once it was read to its end: status, length, and the route's headers over the server's.</summary>
    internal static void Complete(Exchange exchange, HttpRoute route, StatusLine status, ResponseFraming framing)
    {
        IHeaderDictionary headers = exchange.Response.Headers;
        exchange.Response.StatusCode = status.Status;
        exchange.Response.ReasonPhrase = ReasonOf(status);
        foreach (string named in framing.Named ?? [])
            headers.Remove(named);
        if (!framing.IsChunked && status.Status is not (204 or 205))
            headers.ContentLength = framing.Length;
        foreach (KeyValuePair<string, string> header in route.ResponseHeaders)
            headers[header.Key] = header.Value;
    }

    /// <summary>Passes trailers on, where the client's protocol can carry them. False: they can't be read.</summary>
    internal static bool TryCopyTrailers(ReadOnlySpan<byte> trailers, IHeaderDictionary? target)
    {
        var lines = new HeadLines(trailers);
        while (!lines.IsAtEnd)
        {
            if (!lines.TryReadHeader(out ReadOnlySpan<byte> nameBytes, out ReadOnlySpan<byte> value))
                return false;
            ResponseName name = ResponseName.Of(nameBytes);
            // What frames, routes or authenticates has no place behind the body (RFC 9110 6.5.1).
            if (target is { IsReadOnly: false } && name.PassesOn && name.Role == HeaderRole.None)
                target.Append(name.Text, Encoding.Latin1.GetString(value));
        }
        return true;
    }

    // null is the usual phrase, which costs nothing; others pass if they are printable.
    private static string? ReasonOf(StatusLine status) =>
        status.Reason.IsEmpty || Ascii.Equals(status.Reason, ReasonPhrases.GetReasonPhrase(status.Status))
            || status.Reason.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? null : Encoding.ASCII.GetString(status.Reason);
}
