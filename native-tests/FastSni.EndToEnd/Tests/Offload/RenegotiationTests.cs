using FastSni.EndToEnd.Harness;
using Xunit.Abstractions;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>TLS 1.2 clients that want their handshake again and again: the server would pay most of it. Each is refused.</summary>
public sealed class RenegotiationTests(ITestOutputHelper output) : IDisposable
{
    private const string Name = "app.home.test", Refusal = "error:";

    private const int AtOnce = 5;

    private readonly HttpBackend _backend = HttpBackend.Start("app");

    public void Dispose() => _backend.Dispose();

    [SkippableFact]
    public async Task Client_after_client_is_refused_while_others_are_served()
    {
        int clients = Scale.Of(20, 200), served = 0, asked = 0;
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Offload("app", Name, _backend, TestCertificates.Shared.Authority.Issue(Name)));
        await AskOtherwiseAsync();
        long memory = gateway.Facts.ResidentBytes;
        while (asked < clients)
        {
            Task<int>[] round = [.. Enumerable.Range(0, AtOnce).Select(_ => RenegotiateAsync(gateway))];
            do
                await AskOtherwiseAsync();
            while (!Task.WhenAll(round).IsCompleted);
            asked += AtOnce;
            // One refusal is all: the connection ends with it.
            Assert.All(await Task.WhenAll(round), refusals => Assert.Equal(1, refusals));
        }
        long grown = gateway.Facts.ResidentBytes - memory;
        output.WriteLine($"{asked} refused, {served} others served, +{grown >> 20} MiB");
        Assert.InRange(grown, -memory, 50 << 20);
        Assert.Equal(served, _backend.Requests.Count);

        async Task AskOtherwiseAsync()
        {
            await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, Name);
            Assert.Equal("app /\n", (await client.GetAsync(Name)).Text);
            served++;
        }
    }

    /// <summary>How often openssl is refused before its connection ends.</summary>
    private static async Task<int> RenegotiateAsync(Gateway gateway)
    {
        await using OpenSslTerminal terminal = new(Name, gateway.Https, "-tls1_2");
        await terminal.HearAsync("Verify return code");
        await terminal.SayAsync("R\n");
        await terminal.HearAsync("RENEGOTIATING");
        await Patience.UntilAsync(() => terminal.HasEnded, () => "openssl to be refused");
        return terminal.CountOf(Refusal);
    }
}
