using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Offload;

/// <summary>A renewed certificate is taken without a reload and without a failed request; a bad one is not taken.</summary>
[Collection(Alone.Name)]
public sealed class CertificateChangeTests : IDisposable
{
    private const string Name = "app.home.test";

    private static readonly TestAuthority Authority = TestCertificates.Shared.Authority;

    private readonly HttpBackend _backend = HttpBackend.Start("app");

    public void Dispose() => _backend.Dispose();

    [Fact]
    public async Task Renewal_by_symbolic_link_under_load_fails_no_request()
    {
        Archive archive = new(Authority.Issue(Name));
        await using Gateway gateway = await StartAsync(archive);
        using CancellationTokenSource stop = new(Patience.BulkLimit);
        HashSet<string> seen = [];
        Task<int>[] clients = [.. Enumerable.Range(0, 3).Select(_ => AskOnAsync(gateway, seen, stop.Token))];
        await using TlsClient old = await TlsClient.ConnectAsync(gateway.Https, Name);
        IssuedCertificate before = archive.Current;
        foreach (IssuedCertificate fresh in new[] { Authority.Issue(Name), Authority.IssueRsa(Name) })
        {
            archive.Renew(fresh);
            await Patience.UntilAsync(() => IsSeen(seen, fresh.Thumbprint), () => $"the renewed certificate\n{gateway.Log.Tail}", TimeSpan.FromSeconds(40));
        }
        await stop.CancelAsync();
        Assert.True((await Task.WhenAll(clients)).Sum() > 20);
        Assert.Equal(3, seen.Count);
        Assert.Contains(before.Thumbprint, seen);
        // Who was connected before stays.
        Assert.Equal("app /\n", (await old.GetAsync(Name)).Text);
        _backend.AssertNoFaults();
    }

    [Fact]
    public async Task A_broken_file_keeps_the_old_certificate_and_a_mended_one_is_taken()
    {
        (string Name, Archive Archive)[] sites =
            [.. new[] { "garbage", "mismatch", "gone", "empty" }.Select(how => ($"{how}.home.test", new Archive(Authority.Issue($"{how}.home.test"))))];
        GatewayConfig config = GatewayConfig.Https();
        foreach ((string name, Archive archive) in sites)
            config.Offload(name, name, _backend, null, ("certificate", archive.CertificatePath), ("certificate-key", archive.KeyPath));
        await using Gateway gateway = await Gateway.StartAsync(config);
        foreach ((string name, Archive archive) in sites)
            archive.Break(name.Split('.')[0]);
        foreach ((string name, Archive archive) in sites)
        {
            await gateway.Log.LineAsync(
                line => line.Contains("can't be used", StringComparison.Ordinal) && line.Contains(archive.CertificatePath, StringComparison.Ordinal),
                $"the refused certificate of {name}", TimeSpan.FromSeconds(60));
            Assert.Equal(archive.Current.Thumbprint, await MeetAsync(gateway, name));
        }
        foreach ((string name, Archive archive) in sites)
            archive.Renew(Authority.Issue(name));
        foreach ((string name, Archive archive) in sites)
        {
            await Patience.UntilAsync(
                async () => await MeetAsync(gateway, name) == archive.Current.Thumbprint, () => $"the mended certificate of {name}\n{gateway.Log.Tail}",
                TimeSpan.FromSeconds(40));
        }
    }

    private static bool IsSeen(HashSet<string> seen, string thumbprint)
    {
        lock (seen)
            return seen.Contains(thumbprint);
    }

    private static async Task<string> MeetAsync(Gateway gateway, string name)
    {
        await using TlsClient client = await TlsClient.ConnectAsync(gateway.Https, name);
        Assert.Equal("app /\n", (await client.GetAsync(name)).Text);
        return client.Thumbprint;
    }

    private static async Task<int> AskOnAsync(Gateway gateway, HashSet<string> seen, CancellationToken stop)
    {
        int asked = 0;
        for (; !stop.IsCancellationRequested; asked++)
        {
            string thumbprint = await MeetAsync(gateway, Name);
            lock (seen)
                seen.Add(thumbprint);
            await Task.Delay(20, CancellationToken.None);
        }
        return asked;
    }

    private Task<Gateway> StartAsync(Archive archive) => Gateway.StartAsync(
        GatewayConfig.Https().Offload("app", Name, _backend, null, ("certificate", archive.CertificatePath), ("certificate-key", archive.KeyPath)));

    /// <summary>As certbot keeps it: `live` holds symbolic links to the newest files, which are replaced one after the other.</summary>
    private sealed class Archive
    {
        private readonly string _live = Directory.CreateTempSubdirectory("fastsni-e2e-live-").FullName;

        public Archive(IssuedCertificate first)
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(_live, recursive: true);
            Current = first;
            Renew(first);
        }

        public IssuedCertificate Current { get; private set; }

        public string CertificatePath => Path.Combine(_live, "fullchain.pem");

        public string KeyPath => Path.Combine(_live, "privkey.pem");

        public void Renew(IssuedCertificate to)
        {
            Current = to;
            Link(CertificatePath, to.CertificatePath);
            Link(KeyPath, to.KeyPath);
        }

        public void Break(string how)
        {
            if (how == "mismatch")
            {
                Link(CertificatePath, Authority.Issue("another.home.test").CertificatePath);
                return;
            }
            File.Delete(CertificatePath);
            if (how != "gone")
                File.WriteAllText(CertificatePath, how == "empty" ? "" : "-----BEGIN CERTIFICATE-----\nno base64 at all\n-----END CERTIFICATE-----\n");
        }

        private static void Link(string path, string target)
        {
            File.CreateSymbolicLink(path + ".new", target);
            File.Move(path + ".new", path, overwrite: true);
        }
    }
}
