using System.Net;
using System.Text;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>Which name finds which section, and that a client's text is never dialled.</summary>
public sealed class NameRuleTests
{
    [Theory]
    [InlineData("app.example.org", "exact")]
    [InlineData("APP.Example.ORG", "exact")]
    [InlineData("app.example.org.", "exact")]
    [InlineData("other.example.org", "wildcard")]
    [InlineData("very.deep.below.example.org", "wildcard")]
    [InlineData("x.sub.example.org", "longer")]
    [InlineData("X.SUB.example.ORG.", "longer")]
    [InlineData("example.org", "refused 112")]
    [InlineData("example.net", "both")]
    [InlineData("www.example.net", "both")]
    [InlineData("example.net.evil.test", "refused 112")]
    [InlineData("notexample.net", "refused 112")]
    [InlineData("app.example.org.evil.test", "refused 112")]
    [InlineData("xn--bcher-kva.example", "idn")]
    [InlineData("XN--BCHER-KVA.example", "idn")]
    public async Task A_name_takes_the_most_specific_section(string serverName, string expected)
    {
        await using NameStage stage = await NameStage.StartAsync();
        Assert.Equal(expected, await stage.Gateway.AskAsync(serverName));
    }

    [Theory]
    [InlineData("app.example.org:443", "refused")]
    [InlineData(".example.org", "refused")]
    [InlineData("..example.org", "refused")]
    [InlineData("app.example.org..", "refused")]
    [InlineData("*", "refused")]
    [InlineData(".", "refused")]
    [InlineData("*.example.org", "wildcard")]
    [InlineData("app example.org", "refused")]
    public async Task A_name_that_is_none_finds_at_most_the_wildcard_above_it(string serverName, string atMost)
    {
        await using NameStage stage = await NameStage.StartAsync();
        string answer = await stage.Gateway.AskAsync(serverName);
        Assert.True(answer == atMost || answer.StartsWith("refused", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task A_label_of_64_bytes_finds_at_most_the_wildcard_above_it()
    {
        await using NameStage stage = await NameStage.StartAsync();
        string answer = await stage.Gateway.AskAsync(new string('a', 64) + ".example.org");
        Assert.True(answer is "wildcard" or "refused 112" or "refused 50", answer);
    }

    [Fact]
    public async Task A_name_of_255_bytes_is_looked_up_and_one_more_is_malformed()
    {
        await using NameStage stage = await NameStage.StartAsync();
        string longest = string.Join('.', Enumerable.Repeat(new string('a', 63), 4));
        Assert.Equal("refused 112", await stage.Gateway.AskAsync(longest));
        Assert.Equal("refused 50", await stage.Gateway.AskAsync(longest + "a"));
    }

    [Fact]
    public async Task An_address_or_a_resolvable_name_from_a_client_is_never_dialled()
    {
        using TestBackend backend = TestBackend.Start("a");
        IPEndPoint listener = Loopback.NextV4();
        // Whoever took the client's word for an address would come to one of these, on the port the client connected to.
        IPAddress trapAddress = Loopback.NextAddress();
        using TestBackend trap = TestBackend.Start("trap", proxy: false, at: new IPEndPoint(trapAddress, listener.Port));
        using TestBackend localTrap = TestBackend.Start("trap", proxy: false, at: new IPEndPoint(IPAddress.Loopback, listener.Port));
        await using Gateway gateway = await Gateway.StartAsync(new GatewayConfig().Listen("https", "tls", listener)
            .Passthrough("a", "a.home.test", $"{backend.EndPoint}", ("proxy-protocol", "v1")));

        foreach (string name in new[] { trapAddress.ToString(), "127.0.0.1", "localhost", "[::1]", $"localhost:{listener.Port}", "0x7f000001" })
            Assert.Equal("refused 112", await gateway.AskAsync(name));
        Assert.Equal((0, 0, 0), (trap.Accepted, localTrap.Accepted, backend.Accepted));
    }

    [Fact]
    public async Task Ten_thousand_names_come_from_a_file_and_ten_thousand_others_take_the_default()
    {
        const int Names = 10_000;
        using TestBackend mapped = TestBackend.Start("mapped"), other = TestBackend.Start("other");
        StringBuilder file = new("# customers\n\n");
        for (int number = 0; number < Names; number++)
            file.Append(System.Globalization.CultureInfo.InvariantCulture, $"{(number % 10 == 0 ? "*." : "")}host{number}.customers.test\n");
        await using Gateway gateway = await Gateway.StartAsync(
            GatewayConfig.Https().Default("action", "passthrough:other")
                .Passthrough("hosting", null, mapped, ("names-file", "names/hosting.txt"))
                .Passthrough("other", null, other),
            directory =>
            {
                Directory.CreateDirectory(Path.Combine(directory, "names"));
                File.WriteAllText(Path.Combine(directory, "names", "hosting.txt"), file.ToString());
            });

        Random random = new(12);
        for (int round = 0; round < Scale.Of(150, Names); round++)
        {
            int number = random.Next(Names);
            Assert.Equal("mapped", await gateway.AskAsync($"{(number % 10 == 0 ? "www." : "")}host{number}.customers.test"));
            Assert.Equal("other", await gateway.AskAsync($"{random.Next():x8}.strangers.test"));
        }
    }

    private sealed class NameStage(Gateway gateway, TestBackend[] backends) : IAsyncDisposable
    {
        public Gateway Gateway { get; } = gateway;

        public static async Task<NameStage> StartAsync()
        {
            (string Name, string Names)[] table =
            [
                ("exact", "app.example.org"), ("wildcard", "*.example.org"), ("longer", "*.sub.example.org"),
                ("both", ".example.net"), ("idn", "bücher.example"),
            ];
            TestBackend[] backends = [.. table.Select(row => TestBackend.Start(row.Name))];
            GatewayConfig config = GatewayConfig.Https();
            foreach (((string name, string names), TestBackend backend) in table.Zip(backends))
                config.Passthrough(name, names, backend);
            return new(await Gateway.StartAsync(config), backends);
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            foreach (TestBackend backend in backends)
                backend.Dispose();
        }
    }
}
