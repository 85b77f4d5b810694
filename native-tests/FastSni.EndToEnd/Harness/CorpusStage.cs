using System.Net.Sockets;

namespace FastSni.EndToEnd.Harness;

/// <summary>What became of one hello.</summary>
/// <param name="Route">The backend that answered: a name of the table, <see cref="CorpusStage.NoName"/> or <see cref="CorpusStage.Unknown"/>; null
/// if none.</param>
/// <param name="Received">What that backend got, to the last byte.</param>
/// <param name="End">The access log's word.</param>
internal sealed record Outcome(string? Route, byte[]? Received, string End);

/// <summary>
/// A gateway with a backend for every name of the given vectors, one for a hello without a name and one for every other name, so that each verdict
/// has a
/// door of its own.
/// </summary>
internal sealed class CorpusStage : IAsyncDisposable
{
    public const string NoName = "(no name)", Unknown = "(unknown)";

    private readonly Dictionary<string, TestBackend> _backends = [];

    private CorpusStage(Gateway gateway, Dictionary<string, TestBackend> backends) => (Gateway, _backends) = (gateway, backends);

    public Gateway Gateway { get; }

    public IEnumerable<string> Names => _backends.Keys.Except([NoName, Unknown]);

    public static async Task<CorpusStage> StartAsync(IEnumerable<CorpusRow> rows, string helloTimeout, int workers = 1)
    {
        string[] names = [.. rows.Select(row => row.Sni?.ToLowerInvariant()).OfType<string>().Where(Corpus.IsHostName).Distinct()];
        Dictionary<string, TestBackend> backends = names.Append(NoName).Append(Unknown).ToDictionary(name => name, name => TestBackend.Start(name));
        GatewayConfig config = GatewayConfig.Https(workers)
            .Gateway("hello-timeout", helloTimeout)
            .Default("action", "passthrough:unknown")
            .Default("no-name-action", "passthrough:noname")
            .Passthrough("unknown", null, backends[Unknown])
            .Passthrough("noname", null, backends[NoName]);
        for (int number = 0; number < names.Length; number++)
            config.Passthrough($"name{number}", names[number], backends[names[number]]);
        return new(await Gateway.StartAsync(config), backends);
    }

    /// <summary>Sends one hello in the given way from a client of its own and sees it through to the log line.</summary>
    /// <param name="endsAfterwards">Whether the client says it has no more, whatever the gateway made of it so far.</param>
    public async Task<Outcome> PlayAsync(byte[] hello, Func<TestClient, byte[], Task> deliver, bool endsAfterwards = false)
    {
        using TestClient client = await Gateway.ConnectAsync();
        await deliver(client, hello);
        if (endsAfterwards)
            client.ShutdownSend();
        string answer = await AnswerAsync(client);
        TestBackend? backend = _backends.Values.FirstOrDefault(one => one.HasMet(client.LocalEndPoint));
        if (backend is null)
            return new(null, null, await Gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
        Assert.Equal($"{backend.Name} {client.LocalEndPoint}", answer);
        client.ShutdownSend();
        BackendSession session = await backend.SessionOfAsync(client.LocalEndPoint);
        await session.Finished.Within($"backend {backend.Name} to hear the end");
        return new(backend.Name, session.Payload, await Gateway.AccessLog.EndOfAsync(client.LocalEndPoint));
    }

    public void AssertNoFaults()
    {
        Gateway.AssertAlive();
        foreach (TestBackend backend in _backends.Values)
            backend.AssertNoFaults();
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        foreach (TestBackend backend in _backends.Values)
            backend.Dispose();
    }

    private static async Task<string> AnswerAsync(TestClient client)
    {
        try
        {
            return await client.ReceiveLineAsync();
        }
        catch (SocketException)
        {
            return "reset";
        }
    }
}

/// <summary>Whether an outcome is one the vector allows.</summary>
internal static class CorpusJudge
{
    /// <summary>What is wrong, or null.</summary>
    public static string? Complaint(CorpusRow row, Outcome outcome)
    {
        string wanted = $"{row.Expect} {row.Sni}, or {string.Join('/', row.Alternatives)}";
        string seen = $"{row.Id} (expected {wanted}): route {outcome.Route}, end {outcome.End}";
        if (outcome.Route is null)
            return IsRefusalAllowed(row, outcome.End) ? null : seen;
        if (!outcome.Received!.AsSpan().SequenceEqual(row.Bytes))
            return $"{seen}: the backend got other bytes";
        return IsRouteAllowed(row, outcome.Route) ? null : seen;
    }

    private static bool IsRefusalAllowed(CorpusRow row, string end) => end switch
    {
        "hello-timeout" => row.Allows(HelloVerdict.Incomplete),
        "hello-malformed" or "not-tls" or "hello-too-large" => row.Allows(HelloVerdict.Invalid),
        _ => false,
    };

    private static bool IsRouteAllowed(CorpusRow row, string route)
    {
        if (route == CorpusStage.NoName)
            return row.Allows(HelloVerdict.NoSni);
        if (!row.Allows(HelloVerdict.Sni) || string.Equals(route, row.MustNotRouteTo, StringComparison.OrdinalIgnoreCase))
            return false;
        string? wanted = row.Expect == HelloVerdict.Sni ? row.Sni : row.AlternativeSni;
        if (wanted is null)
            return true;
        return route == (Corpus.IsHostName(wanted) ? wanted.ToLowerInvariant() : CorpusStage.Unknown);
    }
}
