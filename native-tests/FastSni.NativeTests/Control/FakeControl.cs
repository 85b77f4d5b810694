using System.Collections.Concurrent;
using FastSni.Operations;
using FastSni.Wire;

namespace FastSni.NativeTests.Control;

/// <summary>A gateway that notes what it is asked, and answers as a test wants.</summary>
internal sealed class FakeControl : IGatewayControl
{
    internal ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What changes answer; null = done.</summary>
    internal string? Refusal { get; set; }

    /// <summary>A refused ban may be asked for again.</summary>
    internal bool IsForNow { get; set; }

    internal ReloadReport Reload { get; set; } = new([], ["a warning"], ["workers"]);

    /// <summary>An upgrade ends with this.</summary>
    internal TaskCompletionSource Upgrade { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal int SessionsTotal { get; set; } = 1;

    /// <summary>Of the threads that were asked for the status.</summary>
    internal ConcurrentBag<bool> AskedOnPool { get; } = [];

    internal bool IsFaulty { get; set; }

    public StatusReport Status()
    {
        Asked.Enqueue("status");
        AskedOnPool.Add(Thread.CurrentThread.IsThreadPoolThread);
        return IsFaulty ? throw new InvalidCastException("a defect") : new StatusReport
        {
            Version = "9.8.7", ProcessId = 4711, Config = "/etc/fastsni/fastsni.ini", UptimeSeconds = 61.5, State = "serving", Workers = 2, Sessions = 3,
            SessionsMax = 100, PendingHellos = 1, Accepted = 12, AcceptedPerSecond = 4, Ended = new Dictionary<string, long> { ["client-reset"] = 5 },
            Counters = new Dictionary<string, long> { ["pipes-refused"] = 6 }, Listening = ["127.0.0.1:443"],
            Routes = [new RouteReport("passthrough:a", ["a.example"], [new ServerReport("192.0.2.1:443", "up", 3)])],
            Certificates = [new CertificateReport(null, ["offload:b"], DateTimeOffset.UnixEpoch)], Bans = 2,
        };
    }

    public Task<SessionsReport> SessionsAsync(int sessionsMax)
    {
        Asked.Enqueue($"sessions {sessionsMax}");
        SessionReport session = new(7, "https", "203.0.113.9:50123", new string('n', 200), "passthrough:a", "192.0.2.1:443", "open", 1.5, 10, 20);
        return Task.FromResult(new SessionsReport([.. Enumerable.Repeat(session, Math.Min(SessionsTotal, sessionsMax))], SessionsTotal));
    }

    public Task<string?> CloseAsync(long sessionId) => Note($"close {sessionId}");

    public Task<ReloadReport> ReloadAsync()
    {
        Asked.Enqueue("reload");
        return Task.FromResult(Reload);
    }

    public async Task<string?> UpgradeAsync()
    {
        Asked.Enqueue("upgrade");
        await Upgrade.Task;
        return Refusal;
    }

    public string? Drain(string target, bool isDraining) => Note($"{(isDraining ? "drain" : "undrain")} {target}").Result;

    public async Task<BanAnswer> BanAsync(AddressPrefix prefix, TimeSpan? duration, string reason) =>
        new(await Note($"ban {prefix} {duration?.ToString() ?? "for good"} {reason}"), 3, IsForNow);

    public Task<string?> UnbanAsync(AddressPrefix prefix) => Note($"unban {prefix}");

    public IReadOnlyList<BanEntry> Bans() => [new("192.0.2.7", "ssh", DateTimeOffset.UnixEpoch, null, true)];

    private Task<string?> Note(string asked)
    {
        Asked.Enqueue(asked);
        return Task.FromResult(Refusal);
    }
}
