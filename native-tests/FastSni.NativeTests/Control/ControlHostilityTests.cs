using System.Net.Sockets;
using System.Text;
using FastSni.NativeTests.Support;
using FastSni.Operations;
using Xunit;

namespace FastSni.NativeTests.Control;

/// <summary>Clients that mean no good, or do not know better: each has an answer or an end, and the next client is served.</summary>
public sealed class ControlHostilityTests
{
    private const string Question = """{"version":1,"command":"version"}""";

    [Fact]
    public async Task Garbage_is_answered_line_by_line_and_the_connection_goes_on()
    {
        await using ControlRig rig = ControlRig.Start();
        using Socket client = rig.Connect();
        Random random = new(54);
        for (int round = 0; round < 200; round++)
        {
            byte[] garbage = new byte[random.Next(1, 2000)];
            random.NextBytes(garbage);
            garbage.AsSpan().Replace((byte)'\n', (byte)' ');
            client.Send([.. garbage, (byte)'\n']);
            Assert.StartsWith("""{"version":1,"ok":false,"error":""", ControlRig.Hear(client), StringComparison.Ordinal);
        }
        Assert.Contains("\"ok\":true", ControlRig.Say(client, Question), StringComparison.Ordinal);
        Assert.Equal(200, rig.Server.Counters.Refused(ControlRefusal.Malformed));
    }

    [Theory]
    [InlineData(64 * 1024 - 1, false)]
    [InlineData(64 * 1024, true)]
    [InlineData(10 * 1024 * 1024, true)]
    public async Task A_line_has_a_limit_and_an_answer_at_it(int bytes, bool isTooLong)
    {
        await using ControlRig rig = ControlRig.Start();
        using Socket client = rig.Connect();
        Task sending = SendAsync(client, [.. Enumerable.Repeat((byte)'[', bytes), (byte)'\n']);
        Assert.Contains(isTooLong ? "the line is longer than 65536 bytes" : "the line is no JSON object", ControlRig.Hear(client), StringComparison.Ordinal);
        if (isTooLong)
            Assert.True(ControlRig.IsClosed(client));
        await sending;
        Assert.Equal(isTooLong ? 1 : 0, rig.Server.Counters.Refused(ControlRefusal.LineTooLong));
        await IsServedAsync(rig);
    }

    [Fact]
    public async Task A_line_that_ends_without_a_line_feed_is_not_done()
    {
        await using ControlRig rig = ControlRig.Start();
        using Socket client = rig.Connect();
        client.Send(Encoding.UTF8.GetBytes("""{"version":1,"command":"close","id":7}"""));
        client.Shutdown(SocketShutdown.Send);
        Assert.Contains("no line feed", ControlRig.Hear(client), StringComparison.Ordinal);
        Assert.True(ControlRig.IsClosed(client));
        Assert.Empty(rig.Gateway.Asked);
    }

    [Fact]
    public async Task Of_a_hundred_idle_clients_32_stay_and_the_rest_is_told_why_not()
    {
        await using ControlRig rig = ControlRig.Start();
        using Socket good = rig.Connect();
        Assert.Contains("\"ok\":true", ControlRig.Say(good, Question), StringComparison.Ordinal);
        Socket[] idle = [.. Enumerable.Range(0, 100).Select(_ => rig.Connect())];
        foreach (Socket refused in idle[31..])
        {
            Assert.Contains("32 connections are open already", ControlRig.Hear(refused), StringComparison.Ordinal);
            Assert.True(ControlRig.IsClosed(refused));
        }
        Assert.Equal(69, rig.Server.Counters.Refused(ControlRefusal.TooManyConnections));
        Assert.Contains("32 connections", (await rig.AskAsync(new ControlRequest(ControlCommand.Status))).Reply!.Error, StringComparison.Ordinal);
        Assert.Contains("\"ok\":true", ControlRig.Say(good, Question), StringComparison.Ordinal);
        Assert.Contains("\"ok\":true", ControlRig.Say(idle[30], Question), StringComparison.Ordinal);
        foreach (Socket one in idle)
            one.Dispose();
        await IsServedAgainAsync(rig);
    }

    [Fact]
    public async Task Who_says_nothing_for_too_long_is_cut()
    {
        await using ControlRig rig = ControlRig.Start(new ControlLimits { IdleTimeout = TimeSpan.FromMilliseconds(50) });
        using Socket silent = rig.Connect();
        using Socket dripping = rig.Connect();
        dripping.Send("{"u8);
        Assert.True(ControlRig.IsClosed(silent));
        Assert.True(ControlRig.IsClosed(dripping));
        Assert.Equal(2, rig.Server.Counters.Refused(ControlRefusal.Idle));
    }

    [Fact]
    public async Task Who_does_not_read_its_answer_is_cut_and_others_are_served_meanwhile()
    {
        await using ControlRig rig = ControlRig.Start(new ControlLimits { AnswerTimeout = TimeSpan.FromMilliseconds(300) });
        rig.Gateway.SessionsTotal = 10_000;     // Megabytes: more than a unix socket holds.
        using Socket slow = rig.Connect();
        slow.Send("{\"version\":1,\"command\":\"sessions\",\"limit\":10000}\n"u8);
        await IsServedAsync(rig);
        await Eventually.IsTrueAsync(() => rig.Server.Counters.Refused(ControlRefusal.AnswerNotTaken) == 1, "the slow reader is cut");
        (byte[] read, SocketError _) = slow.ReadToLast();
        Assert.NotEqual((byte)'\n', read[^1]);
        await IsServedAsync(rig);
    }

    [Fact]
    public async Task A_client_that_reads_at_its_leisure_gets_a_large_answer_whole()
    {
        await using ControlRig rig = ControlRig.Start();
        rig.Gateway.SessionsTotal = 10_000;
        ControlExchange exchange = await rig.AskAsync(new ControlRequest(ControlCommand.Sessions) { Limit = 10_000 });
        Assert.Equal(10_000, exchange.Reply!.Read<SessionsReport>()!.Sessions.Count);
    }

    [Fact]
    public async Task Clients_that_leave_at_any_moment_do_no_harm()
    {
        await using ControlRig rig = ControlRig.Start();
        rig.Gateway.SessionsTotal = 10_000;
        for (int round = 0; round < 60; round++)
        {
            using Socket client = rig.Connect();
            if (round % 3 > 0)
                client.Send(Encoding.UTF8.GetBytes(round % 3 == 1 ? "{\"version\":1," : "{\"version\":1,\"command\":\"sessions\",\"limit\":10000}\n"));
        }
        await IsServedAgainAsync(rig);
        Assert.DoesNotContain(rig.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private static async Task SendAsync(Socket client, byte[] bytes)
    {
        try
        {
            for (int sent = 0; sent < bytes.Length;)
                sent += await client.SendAsync(bytes.AsMemory(sent), SocketFlags.None);
        }
        catch (SocketException)
        {
            // The server has had enough.
        }
    }

    private static async Task IsServedAsync(ControlRig rig) => Assert.True((await rig.AskAsync(new ControlRequest(ControlCommand.Version))).Reply!.Ok);

    /// <summary>Places are free a moment after their clients have left.</summary>
    private static async Task IsServedAgainAsync(ControlRig rig)
    {
        for (int tries = 0; !(await rig.AskAsync(new ControlRequest(ControlCommand.Version))).Reply!.Ok; tries++)
        {
            Assert.InRange(tries, 0, 1000);
            await Task.Delay(10);
        }
    }
}
