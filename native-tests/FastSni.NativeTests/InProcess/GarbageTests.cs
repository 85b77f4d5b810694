using System.Net;
using FastSni.Bans;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using FastSni.Tests.Wire;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>
/// In steady state a connection leaves no garbage. Measured over the whole process: the client, the backend and the log's reader are made so that
/// they
/// allocate nothing themselves. The test runner has moments of its own (it reports the test before, in the background), so it is the best of some
/// rounds that counts: what a connection leaves, it leaves in every round.
/// </summary>
[Collection(Alone.Name)]
public class GarbageTests
{
    private const int WarmUpVisits = 500, Visits = 2_000, RoundsMax = 8;

    /// <summary>For what the runtime does by itself meanwhile; a single object a connection would come to 48,000 bytes at the least.</summary>
    private const long SlackBytes = 16 * 1024;

    private static readonly byte[] Split = HelloBuilder.Records(HelloBuilder.Message(HelloBuilder.ServerName("app.example.org")), 40);

    [Theory]
    [InlineData(1, ProxyProtocol.Off)]
    [InlineData(2, ProxyProtocol.Off)]
    [InlineData(1, ProxyProtocol.V1)]
    [InlineData(1, ProxyProtocol.V2)]
    public Task A_routed_connection_leaves_no_garbage(int workers, ProxyProtocol protocol) =>
        LeaveNoGarbageAsync(Hellos.App, [], ReplyOf(Hellos.App, protocol), workers, protocol);

    [Fact]
    public Task A_hello_in_two_pieces_leaves_no_garbage() =>
        LeaveNoGarbageAsync(Hellos.App[..60], Hellos.App[60..], Hellos.App.Length);

    [Fact]
    public Task A_hello_in_several_records_leaves_no_garbage() => LeaveNoGarbageAsync(Split, [], Split.Length);

    [Fact]
    public Task A_big_hello_leaves_no_garbage()
    {
        byte[] hello = HelloBuilder.Records(HelloBuilder.MessageOf(9_000), 16_384);
        return LeaveNoGarbageAsync(hello, [], hello.Length);
    }

    [Fact]
    public Task A_name_and_protocols_too_long_for_the_session_leave_no_garbage()
    {
        byte[] hello = Hellos.For("a-rather-long-name.of-a-service.in-a-region.example.org");
        return LeaveNoGarbageAsync(hello, [], hello.Length);
    }

    [Fact]
    public Task A_refused_connection_leaves_no_garbage() => LeaveNoGarbageAsync(Hellos.Nameless, [], TlsAlert.UnrecognizedName.Length);

    [Fact]
    public Task A_connection_that_moves_bulk_leaves_no_garbage() => LeaveNoGarbageAsync(Hellos.App, Pattern.Of(60_000), Hellos.App.Length + 60_000);

    [Fact]
    public async Task A_banned_client_leaves_no_garbage()
    {
        using QuietClient client = new();
        using TestGateway gateway = await TestGateway.StartAsync(new Setup().Snapshot);
        gateway.Bans.Set(AddressPrefix.Of(IpEndpoint.Create(IPAddress.Loopback, 0)), BanTable.Never);
        IpEndpoint address = gateway.Gateway.Endpoints.First();
        int rounds = LeaveNoGarbage(visits =>
        {
            for (int i = 0; i < visits; i++)
                client.Visit(address, Hellos.App, [], replyBytes: 1);
            while (gateway.TryTake(out SessionRecord _))
                continue;
        });
        Assert.Equal(WarmUpVisits + (rounds * Visits), gateway.Gateway.Ended(CloseReason.Banned));
    }

    [Theory]
    [InlineData(AcceptProxy.Accept, false)]
    [InlineData(AcceptProxy.Require, true)]
    public Task A_connection_behind_a_proxy_leaves_no_garbage(AcceptProxy how, bool isSplit)
    {
        byte[] all = [.. Proxies.V2(IPEndPoint.Parse("192.0.2.7:4711"), IPEndPoint.Parse("198.51.100.3:443")), .. Hellos.App];
        int first = isSplit ? 20 : all.Length;
        return LeaveNoGarbageAsync(all[..first], all[first..], ReplyOf(Hellos.App, ProxyProtocol.V2), protocol: ProxyProtocol.V2, how: how);
    }

    private static int ReplyOf(byte[] hello, ProxyProtocol protocol) => hello.Length + (protocol == ProxyProtocol.V2 ? 28 : 0);

    private static async Task LeaveNoGarbageAsync(
        byte[] first, byte[] second, int replyBytes, int workers = 1, ProxyProtocol protocol = ProxyProtocol.Off, AcceptProxy how = AcceptProxy.Off)
    {
        using QuietEcho backend = new();
        using QuietClient client = new();
        Setup setup = new()
        {
            Named = Setup.Servers(Setup.Server(backend.Endpoint.Port)) with { ProxyProtocol = protocol },
            Options = new GatewayOptions { MaxConnectionsPerClient = 100, MaxNewSessionsPerClient = 1_000_000, MaxPendingHellosPerClient = 100 },
        };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Behind(how).Snapshot, workers);
        IpEndpoint address = gateway.Gateway.Endpoints.First();
        int end = 0;

        LeaveNoGarbage(Play);

        void Play(int visits)
        {
            int good = 0;
            for (int i = 0; i < visits; i++)
            {
                int got = client.Visit(address, first, second, replyBytes);
                // A version 1 header has no fixed length: its echo is at least that of the hello.
                good += got >= replyBytes ? 1 : 0;
                while (gateway.TryTake(out SessionRecord record))
                    end += (int)record.End;
            }
            Assert.Equal(visits, good);
            SpinWait.SpinUntil(() => gateway.Gateway.Sessions == 0, Loopback.Patience);
            while (gateway.TryTake(out SessionRecord record))
                end += (int)record.End;
        }
    }

    /// <returns>How many rounds it took.</returns>
    private static int LeaveNoGarbage(Action<int> play)
    {
        play(WarmUpVisits);
        long least = long.MaxValue;
        int round = 0;
        for (; round < RoundsMax && least > SlackBytes; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            play(Visits);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.InRange(least, 0, SlackBytes);
        return round;
    }
}
