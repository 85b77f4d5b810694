using System.Security.Cryptography;

namespace FastSni.Operations;

/// <summary>The file of `[admin] token-file`: one line, the token.</summary>
internal static class TokenFile
{
    internal const int TokenBytesMin = 16, TokenBytesMax = 512;

    /// <summary>Returns the token's SHA-256, or what is wrong with the file, as the end of a sentence that begins with it.</summary>
    internal static async Task<(byte[]? Hash, string? Problem)> ReadAsync(string path)
    {
        // Room for a token and its line end; what fills it is too long.
        byte[] buffer = new byte[TokenBytesMax + 3];
        int length;
        try
        {
            await using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true);
            length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (null, "can't be read");
        }
        ReadOnlySpan<byte> token = buffer.AsSpan(0, length).Trim(" \t\r\n"u8);
        if (token.IsEmpty)
            return (null, "is empty");
        if (token.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            return (null, "holds more than a token of printable ASCII without spaces");
        if (token.Length is < TokenBytesMin or > TokenBytesMax)
            return (null, $"must hold a token of {TokenBytesMin} to {TokenBytesMax} characters");
        return (SHA256.HashData(token), null);
    }
}
