using System.Text.Json;
using System.Text.RegularExpressions;
using FastSni.LoadTests.Staging;

namespace FastSni.LoadTests.Soak;

/// <summary>Rotates the gateway's two logs and reads what was rotated away; nothing is kept of it but counts, and the lines that should not be there.</summary>
internal sealed partial class SoakLogs(SoakConfig config, StagedGateway gateway, Ledger ledger)
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, long> _ends = [], _warnings = [];
    private readonly List<string> _errors = [];

    /// <summary>Lines of the access log by `end`; requests by their status' first digit.</summary>
    public IReadOnlyDictionary<string, long> Ends => new SortedDictionary<string, long>(_ends);
    /// <summary>Warnings, numbers left out.</summary>
    public IReadOnlyDictionary<string, long> Warnings => new SortedDictionary<string, long>(_warnings);
    public int Rotations { get; private set; }

    public async Task RotateAsync()
    {
        string program = config.LogPath + ".1", access = config.AccessLogPath + ".1";
        File.Move(config.LogPath, program);
        File.Move(config.AccessLogPath, access);
        gateway.ReopenLogs();
        await StagedGateway.UntilAsync(() => Task.FromResult(File.Exists(config.LogPath) && File.Exists(config.AccessLogPath)), "the reopened logs");
        // What was on its way to the old files comes still.
        await Task.Delay(Settling);
        Rotations++;
        ReadAndDelete(program, access);
    }

    /// <summary>Reads what is left once the gateway has ended.</summary>
    public void ReadRest()
    {
        ReadAndDelete(config.LogPath, config.AccessLogPath);
        foreach (string line in File.ReadLines(gateway.OutputPath).Where(line => line.Length > 0))
            ledger.NotExpected($"standard output: {line}");
        // A client that leaves in its TLS handshake is such an error, and so many did.
        long explained = ledger.ExpectedByReason.Where(reason => reason.Key is Ledger.AbortedTls or Ledger.CutInHandshake).Sum(reason => reason.Value);
        foreach (string line in _errors.Where(line => !line.Contains($"offload:{SoakConfig.OffloadSection}", StringComparison.Ordinal)))
            ledger.NotExpected($"access log: {line}");
        long handshakes = _errors.LongCount(line => line.Contains($"offload:{SoakConfig.OffloadSection}", StringComparison.Ordinal));
        if (handshakes > explained)
            ledger.NotExpected($"access log: {handshakes} handshakes came to nothing, and {explained} clients of ours left in one; the last: {_errors[^1]}");
    }

    private void ReadAndDelete(string program, string access)
    {
        foreach (string line in File.ReadLines(program))
        {
            if (Trouble().IsMatch(line))
                ledger.NotExpected($"program log: {line}");
            else if (line.Contains("warning: ", StringComparison.Ordinal))
                Count(_warnings, Number().Replace(line[line.IndexOf("warning: ", StringComparison.Ordinal)..], "N"));
        }
        foreach (string line in File.ReadLines(access))
            Count(_ends, EndOf(line));
        File.Delete(program);
        File.Delete(access);
    }

    private string EndOf(string line)
    {
        Match text = TextForm().Match(line);
        string? end = text.Groups["end"].Success ? text.Groups["end"].Value : null, status = text.Groups["status"].Value;
        if (!text.Success)
        {
            try
            {
                using JsonDocument json = JsonDocument.Parse(line);
                end = json.RootElement.TryGetProperty("end", out JsonElement value) ? value.GetString() : null;
                status = json.RootElement.TryGetProperty("status", out value) ? value.ToString() : "";
            }
            catch (JsonException)
            {
                ledger.NotExpected($"access log: {line}");
                return "?";
            }
        }
        if (end == "error")
            _errors.Add(line);
        return end ?? $"request {status}";
    }

    private static void Count(Dictionary<string, long> counts, string key) => counts[key] = counts.GetValueOrDefault(key) + 1;

    [GeneratedRegex(@"(^|\s)(error|fatal): |[Uu]nhandled|Exception|   at ")]
    private static partial Regex Trouble();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();

    [GeneratedRegex("""^\S+ (session listener=.* end=(?<end>[a-z-]+)|request listener=.* status=(?<status>[0-9-]+) .*)$""")]
    private static partial Regex TextForm();
}
