using System.Diagnostics;
using System.Net;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Those who connect and never say hello.</summary>
[Collection(Alone.Name)]
public sealed class SilentClientTests
{
    private const int Clients = 1_000;
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(5);

    // Accepting a thousand clients takes a while on a busy machine, and DEFER_ACCEPT hides the silent ones for about a second.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(8);

    // A worker looks at the clock once a visit, and may accept clients in it that came a moment later.
    private static readonly TimeSpan VisitMax = TimeSpan.FromMilliseconds(50);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_thousand_clients_that_stop_after_nine_bytes_are_closed_at_the_hello_timeout(int workers)
    {
        await using Stage stage = await Stage.StartAsync(workers);
        await stage.AssertAllClosedAtTheTimeoutAsync(HelloBytes.For("a.home.test")[..9]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_thousand_clients_that_say_nothing_are_closed_at_the_hello_timeout(int workers)
    {
        await using Stage stage = await Stage.StartAsync(workers);
        await stage.AssertAllClosedAtTheTimeoutAsync([]);
    }

    private sealed class Stage(Gateway gateway, TestBackend backend) : IAsyncDisposable
    {
        public static async Task<Stage> StartAsync(int workers)
        {
            TestBackend backend = TestBackend.Start("a");
            return new(await Gateway.StartAsync(
                GatewayConfig.Https(workers).Gateway("hello-timeout", "5s").Passthrough("a", "a.home.test", backend)), backend);
        }

        public async Task AssertAllClosedAtTheTimeoutAsync(byte[] beginning)
        {
            Assert.Equal("a", await gateway.AskAsync("a.home.test"));
            await Task.Delay(200);
            int descriptors = gateway.Facts.Descriptors;
            IPAddress from = Loopback.NextAddress();
            Task<(TimeSpan After, Transcript Answer, IPEndPoint Client)>[] waiting =
                [.. Enumerable.Range(0, Clients).Select(_ => WaitForTheEndAsync(from, beginning))];

            // By then those that DEFER_ACCEPT hides have come out. Under 5 % of a core, and all windows lie before the timeout.
            await Task.Delay(TimeSpan.FromSeconds(2.5));
            await gateway.Facts.AssertRestsAsync(ticks: 2, TimeSpan.FromSeconds(0.5));
            Assert.Equal("a", await gateway.AskAsync("a.home.test"));

            foreach ((TimeSpan after, Transcript answer, IPEndPoint client) in await Task.WhenAll(waiting))
            {
                Assert.True(after >= HelloTimeout - VisitMax && after < HelloTimeout + Slack, $"closed after {after}");
                Assert.True(answer.Ending != Ending.Open && answer.Bytes.Length == 0, $"{answer.Ending} {Convert.ToHexString(answer.Bytes)}");
                Assert.Equal("hello-timeout", await gateway.AccessLog.EndOfAsync(client));
            }
            await gateway.Facts.DescriptorsBackToAsync(descriptors);
            Assert.Equal(2, backend.Accepted);
        }

        public async ValueTask DisposeAsync()
        {
            await gateway.DisposeAsync();
            backend.Dispose();
        }

        private async Task<(TimeSpan After, Transcript Answer, IPEndPoint Client)> WaitForTheEndAsync(IPAddress from, byte[] beginning)
        {
            long start = Stopwatch.GetTimestamp();
            using TestClient client = await gateway.ConnectAsync(from);
            await client.SendAsync(beginning);
            Transcript answer = await client.ReceiveToEndAsync();
            return (Stopwatch.GetElapsedTime(start), answer, client.LocalEndPoint);
        }
    }
}
