using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace FastSni.Backends;

/// <summary>Everything this room says.</summary>
public static partial class Log
{
    [LoggerMessage(200, LogLevel.Information, "backend host {Host} is {Addresses}")]
    internal static partial void Resolved(ILogger log, string host, string addresses);

    [LoggerMessage(201, LogLevel.Warning, "backend host {Host} can't be looked up ({Error}): {Consequence}")]
    internal static partial void NotResolved(ILogger log, string host, SocketError error, string consequence);

    [LoggerMessage(202, LogLevel.Warning, "server {Server} of {Route} is down: {Reason}; other servers are preferred until it answers again")]
    public static partial void ServerDown(ILogger log, string server, string route, string reason);

    [LoggerMessage(203, LogLevel.Information, "server {Server} of {Route} is up again")]
    public static partial void ServerUp(ILogger log, string server, string route);

    [LoggerMessage(204, LogLevel.Warning, "server {Server} is down: {Failures} {Check} checks in a row failed, the last one: {Reason}")]
    internal static partial void CheckedDown(ILogger log, string server, int failures, string check, string reason);

    [LoggerMessage(205, LogLevel.Information, "server {Server} is up again: {Successes} {Check} checks in a row went well")]
    internal static partial void CheckedUp(ILogger log, string server, int successes, string check);

    [LoggerMessage(206, LogLevel.Information, "server {Server}: the check that called it down is configured no more")]
    internal static partial void CheckGone(ILogger log, string server);

    [LoggerMessage(207, LogLevel.Information, "server {Server} of {Route} drains: it gets no new sessions and requests until fastsni undrain")]
    internal static partial void Draining(ILogger log, string server, string route);

    [LoggerMessage(208, LogLevel.Information, "server {Server} of {Route} drains no more")]
    internal static partial void DrainedNoMore(ILogger log, string server, string route);
}
