using Xunit;

namespace FastSni.Tests.Operations;

/// <summary>Run alone: it finds the writer's thread among those of the process.</summary>
[CollectionDefinition(nameof(AccessLogIdleTests), DisableParallelization = true)]
[Collection(nameof(AccessLogIdleTests))]
public class AccessLogIdleTests
{
    [Fact]
    public void An_idle_writer_never_wakes()
    {
        string[] before = LogThreads();
        using LogFixture log = new();
        log.Open();
        log.Writer.AddRing(16).PublishNumbered(1);
        log.Writer.AddRing(16).PublishNumbered(2);
        Assert.True(log.Writer.AddRequestRing(16).TryWrite(Requests.Sample()));
        log.WaitUntilWritten(3);
        string thread = Assert.Single(LogThreads().Except(before));
        using ManualResetEventSlim never = new();
        never.Wait(200);
        string switches = Switches(thread);
        never.Wait(500);
        Assert.Equal(switches, Switches(thread));

        static string[] LogThreads() =>
            [.. Directory.GetDirectories("/proc/self/task").Where(task => File.ReadAllText($"{task}/comm").Trim() == "access-log")];
        static string Switches(string thread) =>
            File.ReadLines($"{thread}/status").Single(line => line.StartsWith("voluntary", StringComparison.Ordinal));
    }
}
