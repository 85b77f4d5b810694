using FastSni.Config;
using Microsoft.Extensions.Logging;

namespace FastSni.Backends;

/// <summary>
/// Active health checks: asks the servers of every list with `health-check` again and again, for all rooms. A server that a check calls down comes last
/// in the order of choice until that check finds it well again. Called by one task at a time.
/// </summary>
public sealed class HealthChecker(ILogger log, TimeProvider time) : IAsyncDisposable
{
    private readonly Dictionary<HealthTarget, HealthLoop> _loops = [];
    private List<Task> _ending = [];

    /// <summary>Takes over what a configuration that came into force says: equal checks go on, new ones begin, gone ones end and have no say any more.</summary>
    /// <param name="pools">Of this snapshot.</param>
    public void Apply(BackendPools pools, Snapshot snapshot)
    {
        HashSet<HealthTarget> wanted = [.. HealthTarget.AllOf(pools, snapshot)];
        _ending = [.. _ending.Where(task => !task.IsCompleted)];
        foreach ((HealthTarget target, HealthLoop loop) in _loops.Where(pair => !wanted.Contains(pair.Key)).ToArray())
        {
            _loops.Remove(target);
            if (loop.LetGo())
                Log.CheckGone(log, target.Server.Config.Text);
            _ending.Add(loop.DisposeAsync().AsTask());
        }
        foreach (HealthTarget target in wanted.Where(target => !_loops.ContainsKey(target)))
            _loops.Add(target, new HealthLoop(target, stop => HealthProbe.RunAsync(target, time, stop), log, time));
    }

    /// <summary>Ends all checks; afterwards none of their sockets is open and none of their marks is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll([.. _ending, .. _loops.Values.Select(loop => loop.DisposeAsync().AsTask())]).ConfigureAwait(false);
        _loops.Clear();
    }
}
