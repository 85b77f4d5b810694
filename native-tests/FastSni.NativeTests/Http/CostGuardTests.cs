using System.Net.Security;
using System.Text;
using FastSni.Config;
using FastSni.EndToEnd.Harness;
using FastSni.Handoff;
using FastSni.Linux;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using FastSni.Wire;
using Xunit;
using Xunit.Abstractions;

namespace FastSni.NativeTests.Http;

/// <summary>
/// What a request, a connection and a hand-off allocate, compared with native-tests/costs.ini. What is passed through allocates nothing: GarbageTests.
/// </summary>
[Collection(Alone.Name)]
public class CostGuardTests(ITestOutputHelper output)
{
    private const int WarmUps = 300, Requests = 5000, Connections = 100;

    private static readonly byte[] Get = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {CostRoom.Host}\r\n\r\n");

    private readonly byte[] _buffer = new byte[64 * 1024];

    [Fact]
    public async Task A_request_on_a_kept_TLS_connection()
    {
        await using CostRoom room = await CostRoom.OpenAsync(ListenMode.Tls);
        using Stream stream = room.Connect(SslApplicationProtocol.Http11);
        await CheckAsync("https request", Requests, () => CostRoom.Ask(stream, Get, "aaaa"u8, _buffer), room.Forget);
    }

    // A wide margin: Kestrel runs streams on the thread pool, and what one thread gives back another may have to allocate.
    [Fact]
    public async Task A_request_on_a_kept_HTTP_2_connection()
    {
        await using CostRoom room = await CostRoom.OpenAsync(ListenMode.Tls);
        using Stream stream = room.Connect(SslApplicationProtocol.Http2);
        QuietH2 client = new(stream, CostRoom.Host);
        await CheckAsync("HTTP/2 request", Requests, () => Assert.Equal(CostRoom.AnswerBytes, client.Get()), room.Forget);
    }

    [Fact]
    public async Task A_new_TLS_connection_with_one_request()
    {
        await using CostRoom room = await CostRoom.OpenAsync(ListenMode.Tls);
        await CheckAsync("https connection", Connections, () =>
        {
            using Stream stream = room.Connect(SslApplicationProtocol.Http11);
            CostRoom.Ask(stream, Get, "aaaa"u8, _buffer);
        }, room.Forget);
    }

    [Fact]
    public async Task A_redirect_on_a_kept_connection()
    {
        await using CostRoom room = await CostRoom.OpenAsync(ListenMode.Http);
        using Stream stream = room.Connect();
        await CheckAsync("redirect", Requests, () => CostRoom.Ask(stream, Get, "\r\n\r\n"u8, _buffer), room.Forget);
    }

    [Fact]
    public async Task A_hand_off()
    {
        using QuietClient client = new();
        GatewayOptions options = new() { MaxConnectionsPerClient = 0, MaxNewSessionsPerClient = 1_000_000 };
        using TestGateway gateway = await OffloadGateway.StartAsync(new Setup { Options = options });
        IpEndpoint address = gateway.Gateway.Endpoints.First();
        int handedOff = 0, waiting = 0;
        await CheckAsync("hand-off", Connections, () =>
        {
            Assert.Equal(0, client.Visit(address, Hellos.App, [], replyBytes: 0));
            (handedOff, waiting) = (handedOff + 1, waiting + 1);
            Assert.True(SpinWait.SpinUntil(() => gateway.Gateway.Ended(CloseReason.HandedOff) == handedOff, Loopback.Patience));
        }, TakeAll);

        void TakeAll()
        {
            Take(gateway.Handoffs, waiting);
            waiting = 0;
        }
    }

    /// <summary>Measures what all threads but this one allocate while something is done again and again.</summary>
    /// <param name="tidyUp">Done between the rounds, and not measured.</param>
    private async Task CheckAsync(string kind, int times, Action work, Action tidyUp)
    {
        Repeat(WarmUps);
        await CostBook.CheckAsync($"bytes allocated: {kind}", () =>
        {
            tidyUp();
            long before = OfOthers();
            Repeat(times);
            return Task.FromResult<IReadOnlyDictionary<string, double>>(new Dictionary<string, double> { ["bytes"] = (double)(OfOthers() - before) / times });
        }, isExact: false, output);

        void Repeat(int count)
        {
            for (int i = 0; i < count; i++)
                work();
        }
    }

    /// <summary>Ends clients that have been handed off; nobody has to be waited for.</summary>
    private static void Take(HandoffQueue queue, int count)
    {
        IAsyncEnumerator<HandedOffClient> clients = queue.TakeAllAsync().GetAsyncEnumerator();
        for (; count > 0; count--)
        {
            Assert.True(clients.MoveNextAsync().AsTask().IsCompletedSuccessfully);
            new Fd(clients.Current.Descriptor).Close();
            clients.Current.Lease.Return();
        }
    }

    private static long OfOthers() => GC.GetTotalAllocatedBytes(precise: true) - GC.GetAllocatedBytesForCurrentThread();
}
