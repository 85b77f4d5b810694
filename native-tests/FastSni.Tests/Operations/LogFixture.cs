using System.Collections.Concurrent;
using System.Globalization;
using FastSni.Config;
using FastSni.Operations;
using Microsoft.Extensions.Logging;
using Xunit;

namespace FastSni.Tests.Operations;

/// <summary>A writer with a directory of its own, and what it says to the program log.</summary>
internal sealed class LogFixture : ILogger, IDisposable
{
    public const int RingRecords = 1024;

    private readonly string _directory = Directory.CreateTempSubdirectory("fastsni-log-").FullName;

    public LogFixture(ILogFiles? files = null, int outputDescriptor = -1, bool journalReadsOutput = false) =>
        Writer = new AccessLogWriter(new LogSystem(files ?? new KernelLogFiles(), outputDescriptor, journalReadsOutput), Clock, this);

    public AccessLogWriter Writer { get; }
    public ManualClock Clock { get; } = new();
    public ConcurrentQueue<string> Messages { get; } = new();
    public string Path => PathOf("access.log");

    public string PathOf(string name) => System.IO.Path.Combine(_directory, name);

    public string? Apply(string target, AccessLogFormat format = AccessLogFormat.Text) =>
        Writer.Apply(new GatewayOptions { AccessLog = target, AccessLogFormat = format });

    public void Open(string? target = null) => Assert.Null(Apply(target ?? Path));

    public void WaitUntilWritten(long records) => Until(() => Writer.WrittenRecords >= records);

    /// <summary>`up` of every line of a file, which must all be well-formed.</summary>
    public static long[] Numbers(string path) =>
        [.. Lines(path).Select(line => long.Parse(TextLineParser.Parse(line).Fields["up"], NumberStyles.None, CultureInfo.InvariantCulture))];

    public static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(20)), "waited in vain");

    public void Dispose()
    {
        Writer.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    void ILogger.Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> format) =>
        Messages.Enqueue($"{level}: {format(state, exception)}");

    bool ILogger.IsEnabled(LogLevel level) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    private static IEnumerable<byte[]> Lines(string path)
    {
        byte[] all = File.ReadAllBytes(path);
        for (int start = 0; start < all.Length;)
        {
            int end = Array.IndexOf(all, (byte)'\n', start) + 1;
            Assert.NotEqual(0, end);
            yield return all[start..end];
            start = end;
        }
    }
}
