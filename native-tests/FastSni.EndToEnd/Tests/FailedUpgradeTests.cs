using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Upgrades that come to nothing, and those asked for at the wrong time: the process that serves goes on.</summary>
[Collection(Alone.Name)]
public sealed class FailedUpgradeTests : IDisposable
{
    private const string Hangs = "while :; do sleep 0.2; done";

    private readonly TestBackend _echo = TestBackend.Start("a", Scripts.EchoAsync, proxy: false);

    public void Dispose() => _echo.Dispose();

    [Fact]
    public async Task A_new_program_that_fails_changes_nothing_and_the_command_says_why()
    {
        await using Gateway gateway = await StartAsync();
        using LongSession old = await LongSession.OpenAsync(gateway.Https, "a.home.test");
        string sound = await File.ReadAllTextAsync(gateway.ConfigPath);
        (string What, Action Break, string Sentence)[] cases =
        [
            ("leaves", () => gateway.Install("/bin/false"), "the new process left with exit code 1 before it served"),
            ("is no program", () => gateway.Install(gateway.ConfigPath), "can't be started"),
            ("crashes", () => gateway.InstallScript("kill -SEGV $$"), "before it served"),
            ("knows nothing of this", () => gateway.InstallScript("for f in /proc/self/fd/*; do n=${f##*/}; [ $n -gt 2 ] && [ $n -lt 255 ] && eval \"exec $n>&-\"; done; " + Hangs), "does not know how to take over"),
            ("does not like the file", () =>
            {
                gateway.Install(GatewayBinary.Path);
                File.WriteAllText(gateway.ConfigPath, sound + "\n[nothing:known]\n");
            }, "left with exit code 1 before it served"),
        ];
        int descriptors = gateway.Facts.Descriptors;
        foreach ((string what, Action prepare, string sentence) in cases)
        {
            prepare();
            // A broken file can't be asked where the socket is.
            ToolResult upgrade = await FastSniCommand.RunAsync("upgrade", "--socket", Path.Combine(gateway.Directory, "control.sock"));
            Assert.True(upgrade.ExitCode == 1, $"a program that {what}: exit {upgrade.ExitCode} {upgrade.Output} {upgrade.Error}");
            Assert.Contains(sentence, upgrade.Error, StringComparison.Ordinal);
            await File.WriteAllTextAsync(gateway.ConfigPath, sound);
            await GoesOnAsync(gateway, old);
        }
        await gateway.Facts.DescriptorsBackToAsync(descriptors);

        gateway.Install(GatewayBinary.Path);
        (await gateway.CommandAsync("upgrade")).AssertSuccess();
        Assert.NotEqual(gateway.ProcessId, gateway.ServingId);
        await old.TalkAsync();
        using LongSession fresh = await LongSession.OpenAsync(gateway.Https, "a.home.test");
    }

    [Fact]
    public async Task A_new_program_that_hangs_disturbs_nobody_and_a_stop_ends_both()
    {
        await using Gateway gateway = await StartAsync();
        using (LongSession old = await LongSession.OpenAsync(gateway.Https, "a.home.test"))
        {
            int child = await HangAsync(gateway);
            await old.TalkAsync();
            using (LongSession fresh = await LongSession.OpenAsync(gateway.Https, "a.home.test"))
                await fresh.TalkAsync();
            (await gateway.CommandAsync("status")).AssertSuccess();
            ToolResult reload = await gateway.CommandAsync("reload");
            Assert.Equal(1, reload.ExitCode);
            Assert.Contains("upgrading or draining", reload.Error, StringComparison.Ordinal);
            ToolResult drain = await gateway.CommandAsync("drain", "a");
            Assert.Equal(1, drain.ExitCode);
            ToolResult second = await gateway.CommandAsync("upgrade");
            Assert.Equal(1, second.ExitCode);
            Assert.Contains("upgrading or draining already", second.Error, StringComparison.Ordinal);

            gateway.Send(Signal.Terminate);
            await Patience.UntilAsync(() => new ProcessFacts(child).HasEnded, () => $"the new process to be ended\n{gateway.Log.Tail}");
            await old.TalkAsync();
        }
        Assert.Equal(0, await gateway.ExitAsync());
    }

    [SkippableFact]
    public async Task A_new_program_that_hangs_is_ended_after_a_minute_and_everything_can_be_changed_again()
    {
        Skip.IfNot(Scale.IsLong, "waits a minute: FASTSNI_LONG=1 asks for it");
        await using Gateway gateway = await StartAsync();
        using LongSession old = await LongSession.OpenAsync(gateway.Https, "a.home.test");
        int child = await HangAsync(gateway);
        await gateway.Log.LineAsync(line => line.Contains("did not serve within 60 s", StringComparison.Ordinal), "the minute to be over", TimeSpan.FromSeconds(90));
        Assert.True(new ProcessFacts(child).HasEnded);
        await GoesOnAsync(gateway, old);
        gateway.Install(GatewayBinary.Path);
        (await gateway.CommandAsync("upgrade")).AssertSuccess();
    }

    [Fact]
    public async Task Two_upgrades_at_once_are_one_and_a_reload_before_goes_first()
    {
        await using Gateway gateway = await StartAsync();
        using LongSession old = await LongSession.OpenAsync(gateway.Https, "a.home.test");
        GatewayConfig config = gateway.Config.Set("passthrough:a", "names", "a.home.test, fresh.home.test");
        await gateway.ReloadAsync(config);
        Posix.Send(Signal.User2, gateway.ProcessId);
        Posix.Send(Signal.User2, gateway.ProcessId);
        await Patience.UntilAsync(() => gateway.ServingId != gateway.ProcessId, () => $"the successor\n{gateway.Log.Tail}");
        using LongSession fresh = await LongSession.OpenAsync(gateway.Https, "fresh.home.test");
        await old.TalkAsync();
        // The next waits for nothing of the one before.
        (await gateway.CommandAsync("upgrade")).AssertSuccess();
        await old.TalkAsync();
        await fresh.TalkAsync();
        Assert.Equal(2, gateway.Log.Lines.Count(line => line.Contains("runs as process", StringComparison.Ordinal)));
    }

    private Task<Gateway> StartAsync() =>
        Gateway.StartInstalledAsync(GatewayConfig.Https().Gateway("drain-timeout", "60s").Passthrough("a", "a.home.test", _echo));

    /// <returns>The process that hangs.</returns>
    private static async Task<int> HangAsync(Gateway gateway)
    {
        gateway.InstallScript(Hangs);
        gateway.Send(Signal.User2);
        string line = await gateway.Log.LineWithAsync("runs as process");
        return int.Parse(line.Split("runs as process ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task GoesOnAsync(Gateway gateway, LongSession old)
    {
        await old.TalkAsync();
        using LongSession fresh = await LongSession.OpenAsync(gateway.Https, "a.home.test");
        await fresh.TalkAsync();
        (await gateway.CommandAsync("ban", "192.0.2.7")).AssertSuccess();
        (await gateway.CommandAsync("unban", "192.0.2.7")).AssertSuccess();
        (await gateway.CommandAsync("reload")).AssertSuccess();
        Assert.Equal(gateway.ProcessId, gateway.ServingId);
    }
}
