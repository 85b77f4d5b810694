using System.Text.Json;
using System.Text.Unicode;

namespace FastSni.Operations;

/// <summary>Reads a request's line. Whatever is in it, the answer is a request or one sentence.</summary>
internal static class ControlRequestReader
{
    // A field that is none of ours is refused, the same one twice too: a ban with a misspelled `for` must not become one for ever.
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    /// <param name="line">Without its line feed.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Read(ReadOnlyMemory<byte> line, out ControlRequest request)
    {
        request = new ControlRequest(ControlCommand.Version);
        // Utf8JsonReader lets bytes pass that are no UTF-8, and stumbles over them later.
        if (!Utf8.IsValid(line.Span))
            return "the line is no UTF-8";
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, Strict);
            return Read(document.RootElement, ref request);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is half a surrogate pair, written as an escape.
            return "the line is no JSON object, is nested too deeply, has a field twice, or holds text that is no Unicode";
        }
    }

    private static string? Read(JsonElement line, ref ControlRequest request)
    {
        if (line.ValueKind != JsonValueKind.Object)
            return "the line is no JSON object";
        if (!line.TryGetProperty("version", out JsonElement version) || version.ValueKind != JsonValueKind.Number
            || !version.TryGetInt32(out int number) || number != ControlRequest.ProtocolVersion)
            return $"this gateway speaks version {ControlRequest.ProtocolVersion} of the protocol: write \"version\":{ControlRequest.ProtocolVersion}";
        if (!line.TryGetProperty("command", out JsonElement command) || command.ValueKind != JsonValueKind.String
            || ControlCommandShape.Find(command.GetString()!) is not { } shape)
            return $"there is no such command: write one of {string.Join(", ", ControlCommandShape.Names)}";
        request = new ControlRequest(shape.Command);
        foreach (JsonProperty field in line.EnumerateObject())
        {
            if (field.Name is "version" or "command")
                continue;
            string? problem = shape.Knows(field.Name) ? Take(field, ref request) : $"{shape.Name} has no field {TerminalText.Quote(field.Name)}";
            if (problem is not null)
                return problem;
        }
        return shape.Needed.FirstOrDefault(needed => !line.TryGetProperty(needed, out _)) is { } missing ? $"{shape.Name} needs the field \"{missing}\"" : null;
    }

    private static string? Take(JsonProperty field, ref ControlRequest request)
    {
        if (field.Name == "id")
        {
            if (field.Value.ValueKind != JsonValueKind.Number || !field.Value.TryGetInt64(out long id))
                return "\"id\" must be a whole number, as `sessions` shows it";
            request = request with { Id = id };
            return null;
        }
        if (field.Name == "limit")
        {
            if (field.Value.ValueKind != JsonValueKind.Number || !field.Value.TryGetInt32(out int limit) || limit is < 1 or > ControlRequest.SessionsMax)
                return $"\"limit\" must be a whole number from 1 to {ControlRequest.SessionsMax}";
            request = request with { Limit = limit };
            return null;
        }
        if (field.Value.ValueKind != JsonValueKind.String)
            return $"\"{field.Name}\" must be a string";
        string text = field.Value.GetString()!;
        request = field.Name switch
        {
            "address" => request with { Address = text },
            "for" => request with { For = text },
            "reason" => request with { Reason = text },
            _ => request with { Target = text },
        };
        return null;
    }
}
