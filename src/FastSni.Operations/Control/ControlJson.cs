using System.Text.Json.Serialization;

namespace FastSni.Operations;

/// <summary>The protocol's JSON, written and read without reflection. What is not ASCII is escaped, so that no answer can play with a terminal.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ControlRequestLine))]
[JsonSerializable(typeof(ControlAnswer))]
[JsonSerializable(typeof(ControlReply))]
[JsonSerializable(typeof(ControlNothing))]
[JsonSerializable(typeof(VersionReport))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(SessionsReport))]
[JsonSerializable(typeof(ReloadReport))]
[JsonSerializable(typeof(BanReport))]
[JsonSerializable(typeof(BansReport))]
internal sealed partial class ControlJson : JsonSerializerContext;
