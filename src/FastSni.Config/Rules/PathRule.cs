using System.Text;
using FastSni.Config.Schema;

namespace FastSni.Config.Rules;

/// <summary>A path that begins with `/`, or one of a few words in its stead.</summary>
internal sealed class PathRule(params string[] words) : Rule<string>
{
    /// <summary>sockaddr_un keeps 108 bytes, the closing NUL included.</summary>
    public const int SocketBytesMax = 107;

    private const int BytesLimit = 4095;

    public int BytesMax { get; init; } = BytesLimit;

    public bool IsDirectory { get; init; }

    public override bool TryRead(string text, List<string> problems, out string value)
    {
        value = text;
        if (words.FirstOrDefault(known => known.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } word)
        {
            value = word;
            return true;
        }
        string remedy = words.Length == 0 ? "write a path that begins with /" : $"write {string.Join(", ", words)}, or a path that begins with /";
        if (!text.StartsWith('/'))
            return Fail(problems, $"{Quote.Of(text)} is not usable here: {remedy}");
        if (text.EndsWith('/') && !IsDirectory)
            return Fail(problems, $"{Quote.Of(text)} is a directory: write the path of a file");
        return Encoding.UTF8.GetByteCount(text) <= BytesMax || Fail(problems, $"the path is longer than {BytesMax} bytes: use a shorter one");
    }
}

/// <summary>Any text at all, where nothing reads it yet; or any that is not empty.</summary>
internal sealed class TextRule : Rule<string>
{
    /// <summary>What to say to an empty value; null where that is fine.</summary>
    public string? IfEmpty { get; init; }

    /// <summary>A word of the interface that does not work yet, with its sentence of <see cref="NotYet"/>.</summary>
    public (string Word, string Sentence)? Later { get; init; }

    public override bool TryRead(string text, List<string> problems, out string value)
    {
        value = text;
        if (text.Equals(Later?.Word, StringComparison.OrdinalIgnoreCase))
            return Fail(problems, Later!.Value.Sentence);
        return text.Length > 0 || IfEmpty is null || Fail(problems, IfEmpty);
    }
}
