using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FastSni.Operations;

/// <summary>How the answers of the admin server look as JSON: named as the control socket names it (`isFromFile`), times as `2026-11-23T10:15:30.123+01:00`.</summary>
[JsonSerializable(typeof(BanList))]
[JsonSerializable(typeof(BanEntry))]
[JsonSerializable(typeof(AdminError))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    /// <summary>Quotes and letters stand for themselves where JSON allows it: the answers are no HTML, and say so.</summary>
    internal static AdminJson Plain { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

/// <summary>The answer to GET /bans.</summary>
internal sealed record BanList(IReadOnlyList<BanEntry> Bans);

/// <summary>What every answer from 400 on holds.</summary>
internal sealed record AdminError(string Error);
