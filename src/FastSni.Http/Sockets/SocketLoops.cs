namespace FastSni.Http;

/// <summary>The loops of the HTTP rooms, one for each CPU. Connections are dealt out in turn.</summary>
public sealed class SocketLoops : IDisposable
{
    private readonly Lock _lock = new();
    private volatile SocketLoop[]? _loops;
    private uint _dealt;

    /// <summary>Starts them, if they are not there yet: all or none.</summary>
    /// <exception cref="Linux.LinuxException">No descriptors.</exception>
    internal SocketLoop[] Start()
    {
        lock (_lock)
        {
            if (_loops is { } started)
                return started;
            List<SocketLoop> loops = [];
            try
            {
                while (loops.Count < Environment.ProcessorCount)
                    loops.Add(new SocketLoop($"http-{loops.Count + 1}"));
            }
            catch
            {
                loops.ForEach(loop => loop.Dispose());
                throw;
            }
            return _loops = [.. loops];
        }
    }

    internal SocketLoop Next()
    {
        SocketLoop[] loops = _loops ?? Start();
        return loops[Interlocked.Increment(ref _dealt) % (uint)loops.Length];
    }

    public void Dispose()
    {
        lock (_lock)
            Array.ForEach(_loops ?? [], loop => loop.Dispose());
    }
}
