using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace FastSni.Operations;

/// <summary>The gateway's answer, before it is a line.</summary>
/// <param name="Error">null: it was done.</param>
/// <param name="Result">One of the types that <see cref="ControlJson"/> knows.</param>
internal sealed record ControlAnswer(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] object? Result)
{
    [JsonPropertyOrder(-2)]
    public int Version { get; } = ControlRequest.ProtocolVersion;

    [JsonPropertyOrder(-1)]
    public bool Ok => Error is null;

    /// <summary>True: the same request, on a new connection a moment later, may be done.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Again { get; private init; }

    public static ControlAnswer Done(object? result = null) => new(null, result ?? new ControlNothing());

    public static ControlAnswer Refused(string error, object? result = null) => new(error, result);

    public static ControlAnswer RefusedForNow(string error) => new(error, null) { Again = true };
}

/// <summary>The answer's line, as the asker reads it.</summary>
/// <param name="Error">A sentence, where <paramref name="Ok"/> is false.</param>
/// <param name="Result">What was asked for; undefined where there is nothing to say.</param>
/// <param name="Again">The same request, on a new connection a moment later, may be done.</param>
public sealed record ControlReply(int Version, bool Ok, string? Error = null, JsonElement Result = default, bool Again = false)
{
    /// <typeparam name="T">A type that <see cref="ControlJson"/> knows.</typeparam>
    /// <returns>null where the result is another thing: the gateway is of another version.</returns>
    public T? Read<T>()
        where T : class
    {
        try
        {
            return Result.ValueKind == JsonValueKind.Object ? Result.Deserialize((JsonTypeInfo<T>)ControlJson.Default.GetTypeInfo(typeof(T))!) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The result of a command that has nothing to say but that it is done.</summary>
internal sealed record ControlNothing;

/// <param name="Version">Of the program.</param>
/// <param name="Protocol">Of the control socket.</param>
internal sealed record VersionReport(string Version, int ProcessId, int Protocol);

/// <param name="SessionsClosed">Those that the banned client had open.</param>
public sealed record BanReport(int SessionsClosed);

public sealed record BansReport(IReadOnlyList<BanEntry> Bans);
