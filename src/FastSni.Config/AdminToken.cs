using System.Text;
using FastSni.Config.Ini;

namespace FastSni.Config;

/// <summary>What `[admin] token-file` holds: one line of letters, digits and signs, as a bearer token is sent (RFC 6750 section 2.1).</summary>
public sealed class AdminToken
{
    public const int CharactersMin = 16;

    public const int CharactersMax = 1024;

    private AdminToken(string? text, string? error, bool isReadableByAll) => (Text, Error, IsReadableByAll) = (text, error, isReadableByAll);

    /// <summary>The secret; null where there is an error.</summary>
    public string? Text { get; }

    /// <summary>Fit for an operator; null where nothing is wrong.</summary>
    public string? Error { get; }

    /// <summary>Every user of the machine may read the file.</summary>
    public bool IsReadableByAll { get; }

    /// <summary>Never throws for what the file holds or lacks.</summary>
    public static AdminToken Read(string file)
    {
        try
        {
            using FileStream stream = InputFile.Open(file);
            byte[] bytes = new byte[CharactersMax + 2];
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            string text = Encoding.Latin1.GetString(bytes, 0, length).TrimEnd();
            bool isReadableByAll = OperatingSystem.IsLinux() && (File.GetUnixFileMode(stream.SafeFileHandle) & UnixFileMode.OtherRead) != 0;
            return ProblemOf(text) is { } problem ? new AdminToken(null, problem, isReadableByAll) : new AdminToken(text, null, isReadableByAll);
        }
        catch (Exception exception) when (InputFile.IsExpected(exception))
        {
            return new AdminToken(null, InputFile.Describe(exception, file), false);
        }
    }

    // The token is a secret: no message shows any of it.
    private static string? ProblemOf(string token)
    {
        if (token.Length == 0)
            return $"it is empty: write a token of at least {CharactersMin} characters into it, such as what `openssl rand -hex 32` prints";
        if (token.Length > CharactersMax)
            return $"a token has at most {CharactersMax} characters: write a shorter one";
        if (token.AsSpan().ContainsAny('\n', '\r'))
            return "it has more than one line: a token is one line";
        if (!token.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~' or '+' or '/' or '='))
            return "a token is letters, digits and any of - . _ ~ + / = without blanks: write such a one";
        return token.Length >= CharactersMin ? null : $"a token of {token.Length} characters is soon guessed: write at least {CharactersMin}";
    }
}
