using FastSni.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastSni.Http;

/// <summary>
/// Kestrel's messages. It calls an error what any client can cause, so the host keeps of them only what ends a server. The requests that Kestrel refuses by
/// itself (bad syntax, too many or too large headers, a header that does not end) never reach a handler, and are known from here alone: they are counted and
/// get a line in the access log.
/// </summary>
internal sealed class KestrelLog(ILoggerFactory errors, SharedRing<RequestRecord> requests, RequestGate gate) : ILoggerFactory
{
    private const string BadRequests = "Microsoft.AspNetCore.Server.Kestrel.BadRequests";

    public ILogger CreateLogger(string categoryName) => categoryName == BadRequests ? new Refusals(requests, gate) : new Scopeless(errors.CreateLogger(categoryName));

    public void AddProvider(ILoggerProvider provider)
    {
        // Ours is the only one.
    }

    public void Dispose()
    {
        // The factory is the host's.
    }

    /// <summary>
    /// Kestrel puts a scope round each connection. The host's logger keeps scopes in the execution context, which then is carried through every await of the
    /// connection; and none of its messages shows them.
    /// </summary>
    private sealed class Scopeless(ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            logger.Log(logLevel, eventId, state, exception, formatter);
    }

    private sealed class Refusals(SharedRing<RequestRecord> requests, RequestGate gate) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not BadHttpRequestException refused)
                return;
            gate.CountMalformed();
            foreach (KeyValuePair<string, object?> pair in state as IReadOnlyList<KeyValuePair<string, object?>> ?? [])
            {
                if (pair is { Key: "ConnectionId", Value: string name } && ConnectionName.TryRead(name, out string listener, out Wire.IpEndpoint client))
                {
                    requests.TryWrite(new RequestRecord
                    {
                        EndedUtcTicks = TimeProvider.System.GetUtcNow().Ticks, Listener = listener, Client = client, Name = [], Route = "-",
                        Method = "", Host = "", Path = "", Agent = "", Status = refused.StatusCode,
                    });
                }
            }
        }
    }
}
