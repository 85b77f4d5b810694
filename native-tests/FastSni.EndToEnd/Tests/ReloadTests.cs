using System.Net.Sockets;
using FastSni.EndToEnd.Harness;
using Xunit.Abstractions;

namespace FastSni.EndToEnd.Tests;

/// <summary>SIGHUP: the new file counts for new sessions, nobody is dropped, and a bad file changes nothing.</summary>
[Collection(Alone.Name)]
public sealed class ReloadTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_changed_backend_takes_new_sessions_while_old_ones_go_on(int workers)
    {
        using TestBackend old = TestBackend.Start("old", Scripts.EchoAsync, proxy: false), fresh = TestBackend.Start("fresh");
        GatewayConfig config = GatewayConfig.Https(workers).Passthrough("a", "a.home.test", old);
        await using Gateway gateway = await Gateway.StartAsync(config);
        byte[] hello = HelloBytes.For("a.home.test");
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(hello);
        Assert.Equal(hello, await client.ReceiveExactlyAsync(hello.Length));

        await gateway.ReloadAsync(config.Without("passthrough:a").Passthrough("a", "a.home.test, b.home.test", fresh));
        await Patience.UntilAsync(async () => await gateway.AskAsync("b.home.test") == "fresh", () => $"the reload\n{gateway.Log.Tail}");
        for (int run = 0; run < 10; run++)
            Assert.Equal("fresh", await gateway.AskAsync("a.home.test"));

        await client.SendAsync("still here");
        Assert.Equal("still here"u8.ToArray(), await client.ReceiveExactlyAsync(10));
        client.ShutdownSend();
        Assert.Equal(Ending.Fin, (await client.ReceiveToEndAsync()).Ending);
        Assert.Equal("complete", await gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_listener_may_come_and_go(int workers)
    {
        using TestBackend backend = TestBackend.Start("a");
        GatewayConfig config = GatewayConfig.Https(workers).Passthrough("a", "a.home.test", backend);
        await using Gateway gateway = await Gateway.StartAsync(config);
        int descriptors = gateway.Facts.Descriptors;
        System.Net.IPEndPoint second = Loopback.NextV4();

        await gateway.ReloadAsync(config.Listen("imaps", "tls", second));
        await Patience.UntilAsync(() => AnswersAsync(gateway, second), () => $"the new listener\n{gateway.Log.Tail}");
        using TestClient client = await TestClient.ConnectAsync(second);
        Assert.Equal($"a {client.LocalEndPoint}", await client.AskAsync("a.home.test"));
        Assert.Equal("a", await gateway.AskAsync("a.home.test"));

        await gateway.ReloadAsync(config.Without("listen:imaps"));
        await Patience.UntilAsync(async () => !await AnswersAsync(gateway, second), () => $"the listener to close\n{gateway.Log.Tail}");
        Assert.Equal("a", await gateway.AskAsync("a.home.test"));

        // A session that came in by the door that is gone has its backend still.
        client.ShutdownSend();
        Assert.Equal(Ending.Fin, (await client.ReceiveToEndAsync()).Ending);
        AccessLogLine line = await gateway.AccessLog.LineOfAsync(client.LocalEndPoint);
        Assert.Equal(("imaps", "complete"), (line.Listener, line.End));
        await gateway.Facts.DescriptorsBackToAsync(descriptors + 4);
    }

    public static TheoryData<string, string> BrokenEndings => new()
    {
        { "[passthrough:b]\nbackend = 127.0.0.1:70000\nnames = b.home.test\n", "backend" },
        { "[gateway]\nworker = 2\n", "gateway" },
        { "[passthrough:b\nbackend = 127.0.0.1:443\n", "fastsni.ini:" },
        { "just some words\n", "fastsni.ini:" },
        { "[passthrough:b]\nbackend = 127.0.0.1:443\nnames = a.home.test\n", "a.home.test" },
        { "[nothing:known]\nkey = value\n", "nothing" },
        { "\0\u0001\u0002\u00ff\n", "fastsni.ini:" },
    };

    [Theory]
    [MemberData(nameof(BrokenEndings))]
    public async Task A_broken_file_keeps_the_old_configuration_and_the_log_names_the_place(string ending, string named)
    {
        using TestBackend backend = TestBackend.Start("a");
        GatewayConfig config = GatewayConfig.Https().Passthrough("a", "a.home.test", backend);
        await using Gateway gateway = await Gateway.StartAsync(config);
        string sound = config.Text(gateway.Directory);

        await gateway.ReloadAsync(sound + ending);
        string line = await gateway.Log.LineWithAsync("fastsni.ini:");
        // From the line where the ending begins, or, for a name claimed twice, from where it was claimed first.
        Assert.Matches(@"fastsni\.ini:\d+:", line);
        Assert.Contains(gateway.Log.Lines, one => one.Contains(named, StringComparison.Ordinal));
        for (int run = 0; run < 5; run++)
            Assert.Equal("a", await gateway.AskAsync("a.home.test"));

        // And a mended one is taken again.
        await gateway.ReloadAsync(config.Set("passthrough:a", "names", "a.home.test, mended.home.test"));
        await Patience.UntilAsync(async () => await gateway.AskAsync("mended.home.test") == "a", () => $"the mended file\n{gateway.Log.Tail}");
    }

    /// <summary>A table of 20,000 names: a generation that is kept would show at once.</summary>
    [Fact]
    public async Task Many_reloads_beside_long_sessions_leave_nothing_behind()
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync, proxy: false);
        GatewayConfig config = GatewayConfig.Https(workers: 2).Passthrough("a", "a.home.test", backend).Passthrough("many", null, backend, ("names-file", "names.txt"));
        await using Gateway gateway = await Gateway.StartAsync(config, directory =>
            File.WriteAllLines(Path.Combine(directory, "names.txt"), Enumerable.Range(0, 20_000).Select(number => $"host-{number}.of-many.test")));
        LongSession[] sessions = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => LongSession.OpenAsync(gateway.Https, "a.home.test")));
        await ReloadManyAsync(gateway, config, Scale.Of(15, 20));
        (int descriptors, int threads, long memory) = (gateway.Facts.Descriptors, gateway.Facts.Threads, gateway.Facts.ResidentBytes);
        int reloads = Scale.Of(50, 200);
        await ReloadManyAsync(gateway, config, reloads);

        long after = gateway.Facts.ResidentBytes;
        output.WriteLine($"{reloads} reloads: descriptors {descriptors} to {gateway.Facts.Descriptors}, threads {threads} to {gateway.Facts.Threads}, {memory >> 10} to {after >> 10} KiB");
        Assert.InRange(gateway.Facts.Descriptors, 0, descriptors + 2);
        Assert.InRange(gateway.Facts.Threads, 0, threads + 2);
        // One table of these names is several megabytes; fifty of them would be hundreds.
        Assert.InRange(after, 0, memory + (memory / 20) + (16 << 20));
        foreach (LongSession session in sessions)
        {
            await session.TalkAsync();
            session.Dispose();
        }
    }

    private static async Task ReloadManyAsync(Gateway gateway, GatewayConfig config, int count)
    {
        for (int number = 0; number < count; number++)
        {
            string marker = $"n{Guid.NewGuid():N}.home.test";
            await gateway.ReloadAsync(config.Set("passthrough:a", "names", $"a.home.test, {marker}"));
            await Patience.UntilAsync(async () => await HasAsync(gateway, marker), () => $"reload {number}\n{gateway.Log.Tail}");
        }
        await Task.Delay(300);
    }

    /// <summary>The backend gives back what it gets: a handshake record where the name is known, an alert where it is not.</summary>
    private static async Task<bool> HasAsync(Gateway gateway, string name)
    {
        using TestClient client = await gateway.ConnectAsync();
        await client.SendAsync(HelloBytes.For(name));
        byte[] first = new byte[1];
        return await client.ReceiveAsync(first) == 1 && first[0] == 0x16;
    }

    private static async Task<bool> AnswersAsync(Gateway gateway, System.Net.IPEndPoint listener)
    {
        try
        {
            return await gateway.AskAsync("a.home.test", listener) == "a";
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
