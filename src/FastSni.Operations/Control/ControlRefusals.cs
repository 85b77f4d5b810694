using Microsoft.Extensions.Logging;

namespace FastSni.Operations;

/// <summary>Counts what was refused, and tells the log of each kind at most once a second.</summary>
internal sealed class ControlRefusals(ControlCounters counters, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Throttle[] _throttles = [.. Enum.GetValues<ControlRefusal>().Select(_ => new Throttle(time, Interval))];

    public void Add(ControlRefusal refusal, PeerCredentials peer, string sentence)
    {
        long count = counters.Count(refusal);
        lock (_throttles)
        {
            if (!_throttles[(int)refusal].TryPass())
                return;
        }
        LogLevel level = refusal is ControlRefusal.NotPermitted or ControlRefusal.TooManyConnections ? LogLevel.Warning : LogLevel.Debug;
        Log.ControlRefuses(log, level, peer.User, peer.ProcessId, sentence, refusal, count);
    }
}
