using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace FastSni.Operations;

/// <summary>Every message of this room.</summary>
internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Access log {Target}: {Error} (records lost so far: {Dropped}; traffic is not affected)")]
    public static partial void AccessLogFails(ILogger logger, string target, string error, long dropped);

    [LoggerMessage(Level = LogLevel.Information, Message = "Access log {Target}: is written again (records lost so far: {Dropped})")]
    public static partial void AccessLogWritesAgain(ILogger logger, string target, long dropped);

    [LoggerMessage(Level = LogLevel.Error, Message = "Access log {Error}; the renamed file stays in use")]
    public static partial void AccessLogNotReopened(ILogger logger, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Access log: writing could not keep up; records dropped: {Count}, in all {Total}")]
    public static partial void AccessLogOverflows(ILogger logger, long count, long total);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Access log {Target}: still blocked after {Seconds} s; what it holds is lost")]
    public static partial void AccessLogAbandoned(ILogger logger, string target, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Access log: a record could not be written")]
    public static partial void AccessLogDefect(ILogger logger, Exception defect);

    [LoggerMessage(Level = LogLevel.Information, Message = "Control socket: {Command} by user id {User} (process {ProcessId}): {Outcome}")]
    public static partial void ControlChange(ILogger logger, ControlCommand command, uint user, int processId, string outcome);

    [LoggerMessage(Message = "Control socket: user id {User} (process {ProcessId}) was refused: {Sentence} ({Refusal}: {Count} so far)")]
    public static partial void ControlRefuses(ILogger logger, LogLevel level, uint user, int processId, string sentence, ControlRefusal refusal, long count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Control socket: {What} met a fault")]
    public static partial void ControlFault(ILogger logger, string what, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Control socket: no client can be taken ({Error}); it is tried again")]
    public static partial void ControlAcceptFails(ILogger logger, SocketError error);
}
