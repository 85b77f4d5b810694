using System.Buffers;
using FastSni.Http;
using Microsoft.Win32.SafeHandles;

namespace FastSni.Http80;

/// <summary>
/// Answers http-01 challenges (RFC 8555 8.3) for offloaded names from `state-directory`/acme: from `acme/TOKEN`, else from
/// `acme/.well-known/acme-challenge/TOKEN`, where clients put it that are given `acme` as a webroot. Absent or odd tokens get 404, never a redirect.
/// </summary>
internal static class ChallengeEndpoint
{
    /// <summary>A key authorization has less than 200 bytes.</summary>
    internal const int FileBytesMax = 64 * 1024;

    private const string Folder = "/.well-known/acme-challenge/";
    private const int TokenCharactersMax = 128;

    // No dot and no slash: a token can't leave its folder.
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    internal static bool Has(RequestTarget target) => target.Text.StartsWith(Folder, StringComparison.Ordinal);

    internal static async Task AnswerAsync(Exchange exchange, RequestTarget target)
    {
        exchange.Route = "acme";
        if (exchange.Request.Method is not ("GET" or "HEAD"))
        {
            exchange.Response.Headers.Allow = "GET, HEAD";
            await Page.WriteAsync(exchange, 405);
            return;
        }
        string token = target.Text[Folder.Length..];
        bool isToken = token.Length is > 0 and <= TokenCharactersMax && !token.AsSpan().ContainsAnyExcept(TokenCharacters);
        if (!isToken || await ReadAsync(exchange.Plan.Snapshot.Gateway.StateDirectory, token, exchange.Aborted) is not { } answer)
        {
            await Page.WriteAsync(exchange, 404);
            return;
        }
        exchange.Response.Headers.ContentType = "text/plain";
        exchange.Response.Headers.ContentLength = answer.Length;
        if (exchange.Request.Method == "HEAD")
            return;
        await exchange.ResponseBody.Writer.WriteAsync(answer, exchange.Aborted);
        exchange.DownBytes = answer.Length;
    }

    private static async Task<byte[]?> ReadAsync(string stateDirectory, string token, CancellationToken aborted) =>
        await ReadFileAsync(Path.Join(stateDirectory, "acme", token), aborted) ?? await ReadFileAsync(Path.Join(stateDirectory, "acme", Folder, token), aborted);

    /// <summary>null: absent, unreadable, no file, or too large.</summary>
    private static async Task<byte[]?> ReadFileAsync(string path, CancellationToken aborted)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, options: FileOptions.Asynchronous);
            byte[] bytes = new byte[FileBytesMax + 1];
            int length = await RandomAccess.ReadAsync(file, bytes, 0, aborted);
            return length <= FileBytesMax ? bytes[..length] : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
