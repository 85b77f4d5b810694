using System.Text.Json;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Operations;

/// <summary>The commands that ask a running gateway, as an operator types them (T54).</summary>
public sealed class ControlCommandTests
{
    private const int ManySessions = 1000;

    [Fact]
    public async Task Status_shows_what_is_there_and_reload_what_has_changed()
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync);
        GatewayConfig config = GatewayConfig.Https().Passthrough("a", "a.home.test", backend);
        await using Gateway gateway = await Gateway.StartAsync(config);
        using TestClient client = await OpenAsync(gateway);
        JsonElement status = await gateway.LookAsync("status");
        Assert.Equal(("serving", gateway.ProcessId, 1), (status.GetProperty("state").GetString(), status.GetProperty("processId").GetInt32(), status.GetProperty("sessions").GetInt32()));
        string text = await gateway.OrderAsync("status");
        foreach (string part in new[] { $"process {gateway.ProcessId}", gateway.Https.ToString(), "passthrough:a", backend.Address, "up", "1 of ", gateway.ConfigPath })
            Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.Equal(text.Split('\n')[0], (await FastSniCommand.RunAsync("status", "--socket", ControlPeer.PathOf(gateway))).Output.Split('\n')[0]);

        await File.WriteAllTextAsync(gateway.ConfigPath, config.Passthrough("b", "b.home.test", backend).Text(gateway.Directory));
        Assert.Equal("the new configuration is in force\n", await gateway.OrderAsync("reload"));
        // In force when the command ends, not some time later.
        using (TestClient fresh = await OpenAsync(gateway, "b.home.test"))
        {
        }

        string good = await File.ReadAllTextAsync(gateway.ConfigPath);
        await File.WriteAllTextAsync(gateway.ConfigPath, good + "\n[passthrough:c]\nnames = c.home.test\nbakend = 192.0.2.1\n");
        ToolResult broken = await gateway.CommandAsync("reload");
        Assert.Equal(1, broken.ExitCode);
        string[] complaints = broken.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(complaints, line => Assert.StartsWith("fastsni: ", line, StringComparison.Ordinal));
        Assert.Contains(complaints, line => line.StartsWith($"fastsni: {gateway.ConfigPath}:{good.Count(c => c == '\n') + 4}: [passthrough:c] bakend: ", StringComparison.Ordinal));
        Assert.Contains("the old one stays in force", complaints[^1], StringComparison.Ordinal);
        using (TestClient old = await OpenAsync(gateway, "b.home.test"))
        {
        }

        await File.WriteAllTextAsync(gateway.ConfigPath, good.Replace("workers = 1", "workers = 2", StringComparison.Ordinal));
        ToolResult later = await gateway.CommandAsync("reload");
        Assert.True(later.ExitCode == 0 && later.Error.Contains("workers: the new value waits for `fastsni upgrade`", StringComparison.Ordinal), $"{later}");
        Assert.True(await EchoesAsync(client));
    }

    [Fact]
    public async Task Without_a_gateway_the_exit_status_is_3_and_a_wrong_command_line_is_2()
    {
        string directory = Directory.CreateTempSubdirectory("fastsni-e2e-").FullName;
        try
        {
            string socket = Path.Combine(directory, "control.sock"), config = Path.Combine(directory, "fastsni.ini");
            await File.WriteAllTextAsync(config, GatewayConfig.Https().Text(directory));
            string[][] commands = [["status"], ["sessions"], ["bans"], ["close", "1"], ["reload"], ["upgrade"], ["drain", "a"], ["undrain", "a"], ["ban", "192.0.2.1"], ["unban", "192.0.2.1"]];
            foreach (string[] command in commands)
            {
                foreach (string[] where in new string[][] { ["--socket", socket], ["--config", config] })
                {
                    ToolResult result = await FastSniCommand.RunAsync([.. command, .. where]);
                    Assert.Equal((3, ""), (result.ExitCode, result.Output));
                    Assert.StartsWith($"fastsni: {socket}: there is no such socket", result.Error, StringComparison.Ordinal);
                }
            }
            foreach (string[] wrong in new string[][] { ["close"], ["close", "x"], ["ban"], ["status", "--no-such-option"], ["drain"], ["unban", "192.0.2.1", "x"] })
                Assert.Equal(2, (await FastSniCommand.RunAsync([.. wrong, "--socket", socket])).ExitCode);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_drained_server_gets_no_new_sessions_and_keeps_its_old_ones()
    {
        using TestBackend one = TestBackend.Start("one", Scripts.EchoAsync), two = TestBackend.Start("two", Scripts.EchoAsync);
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https().Passthrough("a", "a.home.test", $"{one.Address}, {two.Address}", ("proxy-protocol", "v1")));
        List<TestClient> open = [];
        while (one.Accepted == 0)
            open.Add(await OpenAsync(gateway));
        Assert.Contains("gets no new sessions", await gateway.OrderAsync("drain", $"passthrough:a/{one.Address}"), StringComparison.Ordinal);
        int before = one.Accepted;
        for (int i = 0; i < 6; i++)
            open.Add(await OpenAsync(gateway));
        Assert.Equal(before, one.Accepted);
        Assert.Contains("draining", await gateway.OrderAsync("status"), StringComparison.Ordinal);
        foreach (TestClient client in open)
            Assert.True(await EchoesAsync(client));
        await gateway.OrderAsync("undrain", $"a/{one.Address}");
        while (one.Accepted == before)
            open.Add(await OpenAsync(gateway));
        foreach (string nobody in new[] { "nobody", "passthrough:a/192.0.2.1:443", "passthrough:nobody" })
            Assert.Equal(1, (await gateway.CommandAsync("drain", nobody)).ExitCode);
        open.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task One_of_a_thousand_sessions_is_found_and_closed_and_then_all_of_them()
    {
        using TestBackend backend = TestBackend.Start("a", Scripts.EchoAsync);
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https(workers: 2).Passthrough("a", "a.home.test", backend));
        TestClient[] clients = new TestClient[ManySessions];
        for (int i = 0; i < ManySessions; i++)
            clients[i] = await OpenAsync(gateway);
        JsonElement list = await gateway.LookAsync("sessions", "--limit", "10000");
        JsonElement[] all = [.. list.GetProperty("sessions").EnumerateArray()];
        Assert.Equal((ManySessions, ManySessions), (list.GetProperty("total").GetInt32(), all.Length));
        Assert.Equal(clients.Select(client => client.LocalEndPoint.ToString()).Order(), all.Select(session => session.GetProperty("client").GetString()!).Order());
        JsonElement few = await gateway.LookAsync("sessions", "--limit", "10");
        Assert.Equal((10, ManySessions), (few.GetProperty("sessions").GetArrayLength(), few.GetProperty("total").GetInt32()));
        Assert.Contains(clients[0].LocalEndPoint.ToString(), await gateway.OrderAsync("sessions"), StringComparison.Ordinal);

        string id = all.Single(session => session.GetProperty("client").GetString() == clients[500].LocalEndPoint.ToString()).GetProperty("id").ToString();
        Assert.Equal($"session {id} is closed\n", await gateway.OrderAsync("close", id));
        Assert.NotEqual(Ending.Open, (await clients[500].ReceiveToEndAsync()).Ending);
        Assert.Equal("closed-by-operator", await gateway.AccessLog.EndOfAsync(clients[500].LocalEndPoint));
        Assert.Equal(1, (await gateway.CommandAsync("close", id)).ExitCode);
        Assert.True(await EchoesAsync(clients[499]));

        using ControlPeer peer = await ControlPeer.ConnectAsync(gateway);
        foreach (JsonElement session in all.Where(session => session.GetProperty("id").ToString() != id))
            Assert.True((await peer.AskAsync($"{{\"version\":1,\"command\":\"close\",\"id\":{session.GetProperty("id")}}}")).GetProperty("ok").GetBoolean());
        foreach (TestClient client in clients)
            Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
        JsonElement status = await gateway.LookAsync("status");
        Assert.Equal((0, ManySessions), (status.GetProperty("sessions").GetInt32(), status.GetProperty("ended").GetProperty("closed-by-operator").GetInt32()));
        foreach (TestClient client in clients)
            client.Dispose();
    }

    [Theory]
    [InlineData("Offload")]
    [InlineData("Plain")]
    public async Task A_session_of_an_HTTP_room_is_closed_like_any_other(string room)
    {
        using HttpBackend backend = HttpBackend.Start("web");
        await using Gateway gateway = await Gateway.StartAsync(HttpRooms.Config(backend.Url));
        HttpRoom where = Enum.Parse<HttpRoom>(room);
        using WireClient closed = await gateway.EnterAsync(where), spared = await gateway.EnterAsync(where);
        foreach (WireClient client in new[] { closed, spared })
            Assert.Equal(200, (await client.GetAsync(HttpRooms.NameIn(where))).Status);
        JsonElement session = (await gateway.LookAsync("sessions")).GetProperty("sessions").EnumerateArray().Single(one => one.GetProperty("client").GetString() == closed.LocalEndPoint.ToString());
        await gateway.OrderAsync("close", session.GetProperty("id").ToString());
        Assert.NotEqual(Ending.Open, (await closed.Socket.ReceiveToEndAsync()).Ending);
        Assert.Equal("closed-by-operator", await gateway.AccessLog.EndOfAsync(closed.LocalEndPoint));
        Assert.Equal(200, (await spared.GetAsync(HttpRooms.NameIn(where))).Status);
    }

    [SkippableFact]
    public async Task A_member_of_the_group_may_look_and_change_nothing_and_others_may_not_even_connect()
    {
        string setpriv = Tool.Require("setpriv");
        Skip.If(Environment.UserName != "root", "only root can become somebody else, so nobody else could be met at the control socket");
        await using Gateway gateway = await Gateway.StartAsync(GatewayConfig.Https());
        File.SetUnixFileMode(gateway.Directory, (UnixFileMode)0b111_101_101);
        // The program may lie where nobody else can read it.
        string program = Path.Combine(gateway.Directory, "fastsni");
        File.Copy(GatewayBinary.Path, program);
        Task<ToolResult> AskAs(string groups, params string[] command) => Tool.RunAsync(
            setpriv, ["--reuid=65534", "--regid=65534", groups, program, .. command, "--socket", ControlPeer.PathOf(gateway)]);
        foreach (string[] look in new string[][] { ["status"], ["sessions"], ["bans"] })
            (await AskAs("--groups=0", look)).AssertSuccess();
        foreach (string[] change in new string[][] { ["ban", "192.0.2.1"], ["unban", "192.0.2.1"], ["close", "1"], ["reload"], ["upgrade"], ["drain", "a"], ["undrain", "a"] })
        {
            ToolResult refused = await AskAs("--groups=0", change);
            Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
            Assert.Contains("root", refused.Error, StringComparison.Ordinal);
            ToolResult stranger = await AskAs("--clear-groups", change);
            Assert.Equal(3, stranger.ExitCode);
            Assert.Contains("permission denied", stranger.Error, StringComparison.Ordinal);
        }
        Assert.Equal(3, (await AskAs("--clear-groups", "status")).ExitCode);
        Assert.Equal(7, (await gateway.LookAsync("status")).GetProperty("counters").GetProperty("control-requests-not-permitted").GetInt32());
    }

    private static async Task<TestClient> OpenAsync(Gateway gateway, string name = "a.home.test")
    {
        TestClient client = await gateway.ConnectAsync();
        byte[] hello = HelloBytes.For(name);
        await client.SendAsync(hello);
        Assert.Equal(hello, await client.ReceiveExactlyAsync(hello.Length));
        return client;
    }

    private static async Task<bool> EchoesAsync(TestClient client)
    {
        await client.SendAsync("ping");
        return (await client.ReceiveExactlyAsync(4)).SequenceEqual("ping"u8.ToArray());
    }
}
