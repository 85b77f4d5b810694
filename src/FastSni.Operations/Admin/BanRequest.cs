using System.Text.Json;
using FastSni.Config;
using FastSni.Wire;

namespace FastSni.Operations;

/// <summary>What a POST to /bans asks for: `{"address": "192.0.2.1", "for": "1h", "reason": "text"}`; only the address must be there.</summary>
internal sealed class BanRequest
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4 };

    private readonly HashSet<string> _seen = [];

    internal AddressPrefix Prefix { get; private set; }

    /// <summary>null = until it is taken back.</summary>
    internal TimeSpan? Duration { get; private set; }

    internal string Reason { get; private set; } = "";

    /// <summary>Reads it strictly.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    internal string? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return NotAnObject;
            foreach (JsonProperty field in document.RootElement.EnumerateObject())
            {
                if (Read(field) is { } problem)
                    return problem;
            }
            return _seen.Contains("address") ? null : "the field \"address\" is missing";
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // InvalidOperation: a text that is no UTF-16, such as half of a surrogate pair.
            return NotAnObject;
        }
    }

    private static string NotAnObject => "the body is not a JSON object such as {\"address\": \"192.0.2.1\", \"for\": \"1h\", \"reason\": \"text\"}";

    private string? Read(JsonProperty field)
    {
        if (field.Name is not ("address" or "for" or "reason"))
            return "there is a field that is not known: write \"address\", \"for\" and \"reason\"";
        if (!_seen.Add(field.Name))
            return $"the field \"{field.Name}\" is there twice";
        if (field.Value.ValueKind != JsonValueKind.String)
            return $"the field \"{field.Name}\" is not a text in quotes";
        string text = field.Value.GetString()!;
        return field.Name switch
        {
            "address" => ReadAddress(text),
            "for" => ReadDuration(text),
            _ => ReadReason(text),
        };
    }

    private string? ReadAddress(string text)
    {
        bool isRead = AddressPrefix.TryParse(text, out AddressPrefix prefix);
        Prefix = prefix;
        return isRead ? null : "the field \"address\" is no address and no prefix: write 192.0.2.1, 10.0.0.0/8, 2001:db8::7 or 2001:db8::/32";
    }

    private string? ReadDuration(string text)
    {
        bool isRead = BanDuration.TryParse(text, out TimeSpan duration, out string? problem);
        Duration = duration;
        return isRead ? null : $"the field \"for\": {problem}";
    }

    private string? ReadReason(string text)
    {
        Reason = text;
        return BanReason.IsLine(text) ? null
            : $"the field \"reason\" is longer than {BanReason.CharactersMax} characters, or holds a line break or another control character";
    }
}
