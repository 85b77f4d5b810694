using System.Text.Json.Serialization;

namespace FastSni.Operations;

/// <summary>One request, as it stands in its line of JSON (docs/control-socket.md).</summary>
public sealed record ControlRequest(ControlCommand Command)
{
    /// <summary>Of the protocol. A request of another one is refused.</summary>
    public const int ProtocolVersion = 1;

    internal const int SessionsDefault = 1000, SessionsMax = 10_000;

    /// <summary>`192.0.2.7` or `2001:db8::/32`.</summary>
    public string? Address { get; init; }

    /// <summary>A duration as in the configuration; null = until it is taken back.</summary>
    public string? For { get; init; }

    public string? Reason { get; init; }

    public string? Target { get; init; }

    public long? Id { get; init; }

    public int? Limit { get; init; }

    /// <summary>As it goes over the wire.</summary>
    internal ControlRequestLine ToLine() => new()
    {
        Command = ControlCommandShape.NameOf(Command), Address = Address, For = For, Reason = Reason, Target = Target, Id = Id, Limit = Limit,
    };
}

/// <summary>A request's line; what is null is left out.</summary>
internal sealed record ControlRequestLine
{
    public int Version { get; init; } = ControlRequest.ProtocolVersion;
    public required string Command { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Address { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? For { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Target { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Id { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Limit { get; init; }
}
