using System.Net;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// Plays raw bytes and holds the gateway to them: every message in them, read as a client may mean it, is refused, or is one well-formed request of the
/// same meaning at the backend, answered to this client in its place; what is no message never gets there.
/// </summary>
internal sealed class HttpJudge(Gateway gateway, HttpRoom room, WireBackend backend)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    // Written by the gateway, or of the client's connection: not part of the meaning.
    private static readonly string[] Apart =
    [
        "host", "connection", "keep-alive", "te", "trailer", "upgrade", "http2-settings", "transfer-encoding", "content-length", "x-content-length", "expect", "via",
        "x-real-ip", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "forwarded",
    ];

    /// <param name="cut">Where to pause for a moment; 0 = nowhere.</param>
    /// <returns>What is wrong; null for nothing.</returns>
    public async Task<string?> ComplaintAsync(byte[] bytes, int cut)
    {
        (List<WireRequest> messages, Tail tail) = Intended(bytes);
        IPAddress from = Loopback.NextAddress();
        using WireClient client = await gateway.EnterAsync(room, from);
        await client.TrySendAsync(bytes.AsMemory(0, cut == 0 ? bytes.Length : cut));
        if (cut > 0)
        {
            await Task.Delay(20);
            await client.TrySendAsync(bytes.AsMemory(cut));
        }
        List<WireResponse> responses = await ReadAsync(client, messages, tail);
        return Judge(messages, responses, from);
    }

    private static async Task<List<WireResponse>> ReadAsync(WireClient client, List<WireRequest> messages, Tail tail)
    {
        List<WireResponse> responses = [];
        bool isOpen = true;
        while (isOpen && (responses.Count < messages.Count || tail != Tail.Nothing))
        {
            bool isOwed = responses.Count < messages.Count || tail == Tail.End || (tail == Tail.Malformed && responses.Count == messages.Count);
            string method = responses.Count < messages.Count ? messages[responses.Count].Method : "GET";
            Task<WireResponse?> next = client.Responses.ReadAsync(method);
            // What is not finished may be waited for, and behind a refusal nobody can say what is a message.
            if (!isOwed && await Task.WhenAny(next, Task.Delay(Quiet)) != next)
                break;
            if (await next is not { } response)
                break;
            responses.Add(response);
            isOpen = response is { IsComplete: true, IsToEnd: false };
        }
        return responses;
    }

    private string? Judge(List<WireRequest> messages, List<WireResponse> responses, IPAddress from)
    {
        WireRequest[] seen = [.. backend.Requests.Where(request => request["x-real-ip"] == from.ToString())];
        string story = $"{string.Join(' ', responses.Select(response => $"{response.Status}{(response.Seen > 0 ? "*" : "")}"))}; the backend saw "
            + string.Join(" | ", seen.Select(request => $"{request.Method} {request.Target} {Encoding.Latin1.GetString(request.Body)}"));
        if (responses.Count(response => response.Seen > 0) != seen.Length)
            return $"answers and requests differ: {story}";
        for (int at = 0; at < responses.Count; at++)
        {
            WireResponse response = responses[at];
            if (response.Seen == 0 && response.Status is < 400 or > 599)
                return $"an answer of the gateway's own with {response.Status}: {story}";
            if (response.Seen == 0)
                continue;
            // A message whose end could be told is refused alone.
            if (at >= messages.Count && at > 0 && IsNormal(backend.Request(response.Seen)) && at == responses.Count - 1)
                continue;
            if (at >= messages.Count)
                return $"forwarded what is no request: {story}";
            if (Difference(messages[at], backend.Request(response.Seen)) is { } difference)
                return $"{difference}: {story}";
        }
        return null;
    }

    private static string? Difference(WireRequest sent, WireRequest got)
    {
        string target = sent.Target.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(sent.Target, UriKind.Absolute, out Uri? uri) ? uri.PathAndQuery : sent.Target;
        if ((got.Method, got.Target) != (sent.Method, target))
            return "another method or target";
        if (!got.Body.AsSpan().SequenceEqual(sent.Body))
            return "another body";
        if (got["host"] is null or "" || (sent["host"] is { } host && got["host"] != host))
            return "another host";
        string[] named = [.. (sent["connection"] ?? "").Split(',').Select(name => name.Trim().ToLowerInvariant())];
        string Meaning(WireRequest request) => string.Join('\n', request.Headers
            .GroupBy(header => header.Key.ToLowerInvariant().Replace('_', '-'))
            .Where(group => !Apart.Contains(group.Key) && !named.Contains(group.Key))
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(header => header.Value))}"));
        return Meaning(sent) == Meaning(got) ? null : $"other headers ({Meaning(sent)} → {Meaning(got)})";
    }

    private static bool IsNormal(WireRequest request) => request is { Method: "GET", Target: "/normal", Body.Length: 0 };

    /// <summary>What follows the messages.</summary>
    private enum Tail
    {
        Nothing,
        /// <summary>The beginning of another.</summary>
        Partial,
        /// <summary>What is none.</summary>
        Malformed,
        /// <summary>Whatever comes: the connection has to end (RFC 9112 6.1 and 9.3).</summary>
        End,
    }

    private static (List<WireRequest> Messages, Tail Tail) Intended(byte[] bytes)
    {
        List<WireRequest> messages = [];
        int at = 0;
        while (at < bytes.Length)
        {
            WireState state = RequestParser.Lenient.Read(bytes.AsSpan(at), out WireRequest? message, out _);
            if (state != WireState.Whole)
                return (messages, state == WireState.Partial ? Tail.Partial : Tail.Malformed);
            messages.Add(message!);
            at += message!.Length;
            bool isOld = message.Version == "HTTP/1.0", isKept = message["connection"]?.Contains("keep-alive", StringComparison.OrdinalIgnoreCase) == true;
            bool isDoubtful = message.IsChunked && (isOld || message["content-length"] is not null);
            if (isDoubtful || (isOld && !isKept) || message["connection"]?.Contains("close", StringComparison.OrdinalIgnoreCase) == true)
                return (messages, Tail.End);
        }
        return (messages, Tail.Nothing);
    }
}
