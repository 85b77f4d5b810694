using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Operations;

/// <summary>`fastsni ban`, with clients whose addresses may be banned: they stand on the other side of a veth pair.</summary>
public sealed class BanTests
{
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    [SkippableTheory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task Who_is_banned_loses_what_is_open_in_every_room_and_is_refused_at_accept_and_nobody_else_notices(AddressFamily family)
    {
        await using BanStage stage = await BanStage.CreateAsync(family);
        await using Gateway gateway = await stage.StartAsync();
        IPAddress bad = stage.Client(0, 1), good = stage.Client(0, 2);
        using Crowd banned = await Crowd.EnterAsync(stage, gateway, bad), spared = await Crowd.EnterAsync(stage, gateway, good);

        string said = await gateway.OrderAsync("ban", bad.ToString(), "--reason", "end to end");
        Assert.Equal($"{bad} is banned; {Crowd.Sessions} session(s) closed\n", said);
        await banned.AssertCutAsync(gateway);
        await stage.AssertRefusedAsync(gateway, bad);
        await spared.AssertUnharmedAsync();
        await stage.AssertServedAsync(gateway, good);

        // The three that were refused: nothing of them was read, and no backend met them.
        AccessLogLine[] refused = [];
        await Patience.UntilAsync(
            () => (refused = [.. gateway.AccessLog.Lines.Where(line => line.End == "banned" && line.Route == "reject")]).Length > 0, () => "a line of a refused client");
        Assert.All(refused, line => Assert.Equal(("", "-", 0L, 0L), (line.Name, line.Backend, line.Up, line.Down)));
        JsonElement status = await gateway.LookAsync("status");
        Assert.Equal((Crowd.Sessions + 3, 1), (status.GetProperty("ended").GetProperty("banned").GetInt32(), status.GetProperty("bans").GetInt32()));

        JsonElement ban = Assert.Single((await gateway.LookAsync("bans")).GetProperty("bans").EnumerateArray());
        Assert.Equal((bad.ToString(), "end to end", JsonValueKind.Null), (ban.GetProperty("address").GetString(), ban.GetProperty("reason").GetString(), ban.GetProperty("until").ValueKind));
        Assert.Contains(bad.ToString(), await gateway.OrderAsync("bans"), StringComparison.Ordinal);
        await gateway.OrderAsync("unban", bad.ToString());
        await stage.AssertServedAsync(gateway, bad);
        ToolResult twice = await gateway.CommandAsync("unban", bad.ToString());
        Assert.True(twice.ExitCode == 1 && twice.Error.StartsWith("fastsni: ", StringComparison.Ordinal), twice.Error);
    }

    [SkippableTheory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task A_prefix_bans_all_of_its_addresses_and_none_beside_it_until_its_time_is_over(AddressFamily family)
    {
        await using BanStage stage = await BanStage.CreateAsync(family);
        await using Gateway gateway = await stage.StartAsync();
        await gateway.OrderAsync("ban", stage.Network.BlockPrefix(family, 1));
        foreach (int number in new[] { 0, 3, GatewayNetwork.BlockClients - 1 })
            await stage.AssertRefusedAsync(gateway, stage.Client(1, number));
        Assert.Equal("served", await stage.KnockAsync(gateway, stage.Client(0, GatewayNetwork.BlockClients - 1)));
        // A part of it is another entry, and goes without the rest.
        Assert.Equal(1, (await gateway.CommandAsync("unban", stage.Client(1, 0).ToString())).ExitCode);
        await gateway.OrderAsync("ban", stage.Network.BlockPrefix(family, 1), "--for", "2s");
        await gateway.OrderAsync("ban", stage.Client(0, 0).ToString(), "--for", "2s");
        await stage.UntilAsync(gateway, stage.Client(0, 0), isBanned: false);
        await stage.UntilAsync(gateway, stage.Client(1, 3), isBanned: false);
        await stage.AssertServedAsync(gateway, stage.Client(1, 0));
        Assert.Equal(0, (await gateway.LookAsync("status")).GetProperty("bans").GetInt32());
    }

    [SkippableFact]
    public async Task Own_addresses_never_proxies_and_loopback_can_not_be_banned()
    {
        await using BanStage stage = await BanStage.CreateAsync(AddressFamily.InterNetwork);
        stage.Config.Set("bans", "never", stage.Network.BlockPrefix(AddressFamily.InterNetwork, 1)).Gateway("trusted-proxies", stage.Client(0, 7).ToString());
        await using Gateway gateway = await stage.StartAsync();
        string[] refused =
        [
            "127.0.0.1", "127.3.4.0/24", "::1", stage.Config.EndPoint("https").Address.ToString(), stage.Client(1, 3).ToString(), stage.Client(0, 7).ToString(), "0.0.0.0/0", "::/0",
            stage.Network.BlockPrefix(AddressFamily.InterNetwork, 0), "nobody.example.org", "192.0.2.1/24", "192.0.2.300", "",
        ];
        foreach (string address in refused)
        {
            ToolResult result = await gateway.CommandAsync("ban", address);
            Assert.True(result.ExitCode == 1 && result.Error.StartsWith("fastsni: ", StringComparison.Ordinal) && result.Output.Length == 0, $"{address}: {result}");
        }
        foreach (string[] wrong in new string[][] { ["--for", "0s"], ["--for", "soon"], ["--for", "9999d"], ["--reason", new string('x', 201)], ["--reason", "two\nlines"] })
            Assert.Equal(1, (await gateway.CommandAsync(["ban", "192.0.2.1", .. wrong])).ExitCode);
        Assert.Equal(0, (await gateway.LookAsync("status")).GetProperty("bans").GetInt32());
        await stage.AssertServedAsync(gateway, stage.Client(1, 3));
    }

    /// <summary>One client's sessions, one of every kind.</summary>
    private sealed class Crowd : IDisposable
    {
        public const int Sessions = 8;

        private readonly List<TestClient> _raw = [];
        private readonly List<WireClient> _http = [];

        public static async Task<Crowd> EnterAsync(BanStage stage, Gateway gateway, IPAddress from)
        {
            Crowd crowd = new();
            foreach (string listener in new[] { "https", "smtp" })
            {
                TestClient client = await TestClient.ConnectAsync(gateway.Config.EndPoint(listener), from);
                byte[] hello = HelloBytes.For(BanStage.PassthroughName);
                await client.SendAsync(hello);
                Assert.Equal(hello, await client.ReceiveExactlyAsync(hello.Length));
                crowd._raw.Add(client);
            }
            TestClient half = await TestClient.ConnectAsync(gateway.Https, from);
            await half.SendAsync(HelloBytes.For(BanStage.PassthroughName).AsMemory(0, 20));
            crowd._raw.Add(half);
            foreach (bool isTls in new[] { true, false })
            {
                string host = isTls ? HttpRooms.SiteName : HttpRooms.PlainName;
                Task<WireClient> NewAsync() => WireClient.ConnectAsync(gateway.Config.EndPoint(isTls ? "https" : "http"), isTls ? host : null, from);
                WireClient idle = await NewAsync(), streaming = await NewAsync();
                Assert.Equal(200, (await idle.GetAsync(host)).Status);
                await streaming.SendAsync($"GET /forever HTTP/1.1\r\nHost: {host}\r\n\r\n");
                await ReadUntilAsync(streaming.Stream, "one");
                crowd._http.AddRange([idle, streaming]);
            }
            WireClient tunnel = await WireClient.ConnectAsync(gateway.Https, HttpRooms.SiteName, from);
            await tunnel.SendAsync($"GET /websocket HTTP/1.1\r\nHost: {HttpRooms.SiteName}\r\n{Upgrade}\r\n");
            await ReadUntilAsync(tunnel.Stream, "\r\n\r\n");
            crowd._http.Add(tunnel);
            // The half hello counts once it is in.
            await Patience.UntilAsync(
                async () => (await gateway.LookAsync("sessions")).GetProperty("sessions").EnumerateArray().Count(one => one.GetProperty("client").GetString()!.Contains(from.ToString(), StringComparison.Ordinal)) == Sessions,
                () => $"{Sessions} sessions of {from}");
            return crowd;
        }

        public async Task AssertCutAsync(Gateway gateway)
        {
            foreach (TestClient client in _raw)
                Assert.NotEqual(Ending.Open, (await client.ReceiveToEndAsync()).Ending);
            foreach (WireClient client in _http)
                Assert.NotEqual(Ending.Open, (await client.Socket.ReceiveToEndAsync()).Ending);
            foreach (IPEndPoint client in _raw.Select(client => client.LocalEndPoint).Concat(_http.Select(client => client.LocalEndPoint)))
                Assert.Equal("banned", await gateway.AccessLog.EndOfAsync(client));
        }

        public async Task AssertUnharmedAsync()
        {
            foreach (TestClient client in _raw.Take(2))
            {
                await client.SendAsync("still here");
                Assert.Equal("still here"u8.ToArray(), await client.ReceiveExactlyAsync(10));
            }
            Assert.Equal(200, (await _http[0].GetAsync(HttpRooms.SiteName)).Status);
            Assert.Equal(200, (await _http[2].GetAsync(HttpRooms.PlainName)).Status);
            // A ping, masked as a client's must be, and its pong (RFC 6455 5.5).
            await _http[4].SendAsync(new byte[] { 0x89, 0x80, 0, 0, 0, 0 });
            byte[] pong = new byte[2];
            await _http[4].Stream.ReadExactlyAsync(pong).AsTask().Within("a pong");
            Assert.Equal([0x8A, 0], pong);
        }

        public void Dispose()
        {
            _raw.ForEach(client => client.Dispose());
            _http.ForEach(client => client.Dispose());
        }

        private static async Task ReadUntilAsync(Stream stream, string end)
        {
            string seen = "";
            byte[] one = new byte[1];
            while (!seen.EndsWith(end, StringComparison.Ordinal))
            {
                await stream.ReadExactlyAsync(one).AsTask().Within($"'{end}' behind '{seen}'");
                seen += (char)one[0];
            }
        }
    }
}
