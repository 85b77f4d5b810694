using System.Net;
using System.Net.Sockets;
using FastSni.Config;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Admin;

public sealed class AdminReloadTests
{
    [Fact]
    public async Task An_address_that_stays_keeps_its_connections()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        await using NetworkStream open = await rig.ConnectAsync();
        ListenEndpoint first = rig.Endpoint, second = AdminRig.NewEndpoint();
        Assert.Empty(await rig.ApplyAsync(rig.Options with { Endpoints = [first, second] }));
        Assert.Equal(200, (await rig.SendAsync("GET", "/", client: rig.ClientFrom(IPAddress.Loopback, second))).Status);
        Assert.Empty(await rig.ApplyAsync(rig.Options with { Endpoints = [first] }));
        await Assert.ThrowsAsync<HttpRequestException>(() => rig.SendAsync("GET", "/", client: rig.ClientFrom(IPAddress.Loopback, second)));
        await open.WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        Assert.True(await open.ReadAsync(new byte[100]).AsTask().WaitAsync(Loopback.Patience) > 0);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_one_sentence_and_is_tried_again()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        ListenEndpoint taken = AdminRig.NewEndpoint();
        AdminOptions both = rig.Options with { Endpoints = [taken, rig.Endpoint] };
        using (Socket other = Loopback.NewSocket())
        {
            other.Bind(new IPEndPoint(taken.Address, taken.Port));
            other.Listen();
            string error = Assert.Single(await rig.ApplyAsync(both));
            Assert.StartsWith($"[admin] address: {taken} can't be opened: ", error, StringComparison.Ordinal);
            Assert.Equal(200, (await rig.SendAsync("GET", "/", client: rig.ClientFrom(IPAddress.Loopback, both.Endpoints[1]))).Status);
        }
        Assert.Empty(await rig.ApplyAsync(both));
        Assert.Equal(200, (await rig.SendAsync("GET", "/")).Status);
    }

    [Fact]
    public async Task One_address_may_become_every_address_of_its_port_and_come_back()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        int port = Random.Shared.Next(20_000, 30_000);
        ListenEndpoint one = new(IPAddress.Loopback, port);
        ListenEndpoint[] all = [new(IPAddress.Any, port), new(IPAddress.IPv6Any, port) { IsOptional = true }];
        for (int round = 0; round < 3; round++)
        {
            Assert.Empty(await rig.ApplyAsync(rig.Options with { Endpoints = [one] }));
            Assert.Equal(200, (await rig.SendAsync("GET", "/")).Status);
            Assert.Empty(await rig.ApplyAsync(rig.Options with { Endpoints = [.. all] }));
            Assert.Equal(200, (await rig.SendAsync("GET", "/", client: rig.ClientFrom(IPAddress.Loopback, one))).Status);
        }
    }

    [Fact]
    public async Task After_the_end_nobody_listens()
    {
        AdminRig rig = await AdminRig.StartAsync();
        ListenEndpoint endpoint = rig.Endpoint;
        await rig.DisposeAsync();
        using Socket late = Loopback.NewSocket();
        SocketException refused = Assert.Throws<SocketException>(() => late.Connect(endpoint.Address, endpoint.Port));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }
}
