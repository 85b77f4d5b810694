using FastSni.Compare.Contenders;
using FastSni.Compare.Running;
using FastSni.Reports;

namespace FastSni.Compare.Modes;

/// <summary>A contender with its backends, all up. Disposing it ends them.</summary>
internal sealed class Stand : IDisposable
{
    private readonly Stack<Launched> _running = new();

    private Stand(string address) => Address = address;

    /// <summary>What clients connect to.</summary>
    public string Address { get; }

    /// <summary>The contender's processes; none where nothing stands in between.</summary>
    public IReadOnlyList<int> Pids { get; private set; } = [];

    /// <param name="load">What starts the backends.</param>
    /// <param name="place">Where the contender runs.</param>
    public static Stand Start(Contender contender, Bench bench, Load load, Traffic traffic, Site site, Place place, int backends = 1)
    {
        bool isDirect = contender is DirectContender;
        Stand stand = new(isDirect ? site.BackendAddress : site.ListenAddress);
        try
        {
            for (int i = 0; i < backends; i++)
                stand._running.Push(load.StartBackend(traffic, site));
            if (!isDirect)
            {
                stand._running.Push(bench.StartReady(contender, site, place));
                stand.Pids = ProcessTree.Pids(stand._running.Peek().Pid);
            }
            return stand;
        }
        catch (MeasurementException)
        {
            stand.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        while (_running.TryPop(out Launched? running))
            running.Dispose();
    }
}
