using System.Text.Json;

namespace FastSni.EndToEnd.Harness;

/// <summary>What `fastsni status --json` says of a running gateway.</summary>
internal sealed class GatewayStatus
{
    private readonly JsonElement _root;

    private GatewayStatus(JsonElement root) => _root = root;

    public int Sessions => _root.GetProperty("sessions").GetInt32();

    public int SessionsMax => _root.GetProperty("sessionsMax").GetInt32();

    public int PendingHellos => _root.GetProperty("pendingHellos").GetInt32();

    public static async Task<GatewayStatus> OfAsync(Gateway gateway)
    {
        ToolResult result = await FastSniCommand.RunAsync("status", "--json", "--socket", Path.Combine(gateway.Directory, "control.sock"));
        result.AssertSuccess();
        return new GatewayStatus(JsonDocument.Parse(result.Output).RootElement);
    }

    /// <summary>Sessions that ended with this word so far.</summary>
    public long Ended(string reason) => _root.GetProperty("ended").TryGetProperty(reason, out JsonElement count) ? count.GetInt64() : 0;

    public long Counter(string name) => _root.GetProperty("counters").GetProperty(name).GetInt64();
}
