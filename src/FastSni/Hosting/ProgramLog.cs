using System.Globalization;
using System.Text;
using FastSni.Config;
using FastSni.Linux;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting;
using Serilog.Sinks.File;
using ILogger = Microsoft.Extensions.Logging.ILogger;

namespace FastSni.Hosting;

/// <summary>
/// The program's own messages, by Serilog, which is known here and nowhere else. Written on a thread of its own; a target that blocks costs messages,
/// never a worker's time. Target and level follow a reload, and SIGUSR1 reopens a file.
/// </summary>
internal sealed class ProgramLog : IDisposable
{
    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(2);

    private const int QueuedMessagesMax = 10_000;

    private readonly LoggingLevelSwitch _level = new();
    private readonly Logger _front;
    private readonly SerilogLoggerFactory _factory;
    private readonly Switch _switch;

    private ProgramLog(Logger target, ProgramLogLevel level)
    {
        _switch = new Switch(target);
        _level.MinimumLevel = LevelOf(level);
        _front = new LoggerConfiguration().MinimumLevel.ControlledBy(_level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Fatal).WriteTo.Sink(_switch).CreateLogger();
        _factory = new SerilogLoggerFactory(_front);
    }

    /// <summary>Opens the configured target.</summary>
    /// <exception cref="IOException">The file can't be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of rights.</exception>
    internal static ProgramLog Open(GatewayOptions options) => new(OpenTarget(options.Log), options.LogLevel);

    /// <summary>For libraries: Kestrel calls an error what any client can cause, so only what ends a server is kept.</summary>
    internal ILoggerFactory Factory => _factory;

    internal ILogger For(string room) => _factory.CreateLogger(room);

    internal ILogger<T> For<T>() => _factory.CreateLogger<T>();

    /// <summary>Changes over to the target and level of a new configuration, or opens the same file again.</summary>
    internal void Apply(GatewayOptions options)
    {
        Logger next = OpenTarget(options.Log);
        _level.MinimumLevel = LevelOf(options.LogLevel);
        LetGo(_switch.Exchange(next));
    }

    public void Dispose()
    {
        _factory.Dispose();
        _front.Dispose();
        LetGo(_switch.Target);
    }

    // Flushing waits for the target; one that nobody reads must not keep the gateway from reloading or stopping.
    private static void LetGo(Logger old) => Task.Factory.StartNew(old.Dispose, TaskCreationOptions.LongRunning).Wait(FlushPatience);

    private static Logger OpenTarget(string target)
    {
        bool underSystemd = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null;
        ITextFormatter formatter = target == "journal" && underSystemd ? new JournalFormatter() : new LineFormatter();
        if (target is not ("journal" or "stdout"))
            TryOut(target);
        return new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Async(
            sinks =>
            {
                if (target is "journal" or "stdout")
                    sinks.Console(formatter);
                else
                    sinks.File(formatter, target, fileSizeLimitBytes: null, shared: false, hooks: new Appending());
            },
            bufferSize: QueuedMessagesMax, blockWhenFull: false).CreateLogger();
    }

    // Opened once here, so that what is in the way is told now and not by a thread nobody hears.
    private static void TryOut(string file)
    {
        if (LogFile.IsPipe(file))
            throw new NamedPipeException();
        using FileStream opened = new(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
    }

    // During an upgrade two processes write, and FileMode.Append, as Serilog opens it, means the end as it was then.
    private sealed class Appending : FileLifecycleHooks
    {
        public override Stream OnFileOpened(string path, Stream underlyingStream, Encoding encoding)
        {
            LogFile.SetAppend(new Fd((int)((FileStream)underlyingStream).SafeFileHandle.DangerousGetHandle()));
            return underlyingStream;
        }
    }

    private static LogEventLevel LevelOf(ProgramLogLevel level) => level switch
    {
        ProgramLogLevel.Debug => LogEventLevel.Debug,
        ProgramLogLevel.Warning => LogEventLevel.Warning,
        ProgramLogLevel.Error => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };

    /// <summary>Leads to the present target, so that loggers handed out once follow a reload.</summary>
    private sealed class Switch(Logger target) : ILogEventSink
    {
        private readonly Lock _lock = new();

        internal Logger Target { get; private set; } = target;

        internal Logger Exchange(Logger next)
        {
            lock (_lock)
            {
                Logger old = Target;
                Target = next;
                return old;
            }
        }

        public void Emit(LogEvent logEvent)
        {
            lock (_lock)
                Target.Write(logEvent);
        }
    }

    /// <summary>`2026-11-23T10:15:30.123+01:00 warning: sentence`.</summary>
    private sealed class LineFormatter : ITextFormatter
    {
        public void Format(LogEvent logEvent, TextWriter output)
        {
            output.Write(logEvent.Timestamp.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture));
            output.Write(' ');
            output.Write(NameOf(logEvent.Level));
            output.Write(": ");
            WriteMessage(logEvent, output);
        }
    }

    /// <summary>`&lt;4&gt;sentence`: sd-daemon(3) priorities; the journal knows the time itself.</summary>
    private sealed class JournalFormatter : ITextFormatter
    {
        public void Format(LogEvent logEvent, TextWriter output)
        {
            output.Write(logEvent.Level switch { LogEventLevel.Error or LogEventLevel.Fatal => "<3>", LogEventLevel.Warning => "<4>", LogEventLevel.Information => "<6>", _ => "<7>" });
            WriteMessage(logEvent, output);
        }
    }

    private static string NameOf(LogEventLevel level) => level switch
    {
        LogEventLevel.Error or LogEventLevel.Fatal => "error",
        LogEventLevel.Warning => "warning",
        LogEventLevel.Information => "information",
        _ => "debug",
    };

    // One message, one line: also where an exception brings several.
    private static void WriteMessage(LogEvent logEvent, TextWriter output)
    {
        using StringWriter message = new(CultureInfo.InvariantCulture);
        foreach (Serilog.Parsing.MessageTemplateToken token in logEvent.MessageTemplate.Tokens)
        {
            if (token is Serilog.Parsing.PropertyToken property && logEvent.Properties.TryGetValue(property.PropertyName, out LogEventPropertyValue? value))
                message.Write(value is ScalarValue { Value: { } scalar } ? Convert.ToString(scalar, CultureInfo.InvariantCulture) : value.ToString());
            else
                message.Write(token.ToString());
        }
        if (logEvent.Exception is { } exception)
            message.Write($" ({exception})");
        output.WriteLine(message.ToString().ReplaceLineEndings(" | "));
    }
}
