namespace FastSni.Http;

/// <summary>The loops of the HTTP rooms, one for each CPU, from the first connection on. Connections are dealt out in turn.</summary>
public sealed class SocketLoops : IDisposable
{
    private readonly Lazy<SocketLoop[]> _loops = new(static () => [.. Enumerable.Range(1, Environment.ProcessorCount).Select(number => new SocketLoop($"http-{number}"))]);
    private uint _dealt;

    internal SocketLoop Next() => _loops.Value[Interlocked.Increment(ref _dealt) % (uint)_loops.Value.Length];

    public void Dispose()
    {
        if (_loops.IsValueCreated)
            Array.ForEach(_loops.Value, loop => loop.Dispose());
    }
}
