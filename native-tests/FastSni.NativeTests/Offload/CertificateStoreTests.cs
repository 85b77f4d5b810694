using System.Net.Security;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Offload;
using Xunit;

namespace FastSni.NativeTests.Offload;

public sealed class CertificateStoreTests : IDisposable
{
    private readonly CertificateFolder _folder = new();
    private readonly ListLog _log = new();
    private readonly TestAuthority _authority = new("root");
    private readonly CertificateStore _store;
    private readonly TestCertificate _first, _second;

    public CertificateStoreTests()
    {
        _store = new(TimeProvider.System, Timeout.InfiniteTimeSpan, _log);
        (_first, _second) = (_authority.Issue("one.example.org"), _authority.Issue("two.example.org"));
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_replaced_certificate_is_taken_and_told_once()
    {
        TlsIdentity site = Load(_folder.WriteSite("site", _first));
        Assert.Equal(_first.Leaf.SerialNumber, SerialOf(site));
        SslServerAuthenticationOptions options = _store.OptionsFor(site)!;
        _store.Look();
        Assert.Same(options, _store.OptionsFor(site));
        _folder.WriteSite("site", _second);
        _store.Look();
        _store.Look();
        Assert.Equal(_second.Leaf.SerialNumber, SerialOf(site));
        Assert.Single(_log.Lines, line => line.Contains("two.example.org", StringComparison.Ordinal)
            && line.Contains("CN=root", StringComparison.Ordinal) && line.Contains(_second.Leaf.NotAfter.ToUniversalTime().ToString("u"), StringComparison.Ordinal));
    }

    [Fact]
    public void A_symbolic_link_that_points_elsewhere_is_a_change()
    {
        _folder.WriteSite("archive/site1", _first);
        _folder.WriteSite("archive/site2", _second);
        TlsIdentity site = Load(new(_folder.Link("live/cert.pem", "../archive/site1.pem"), _folder.Link("live/cert.key", "../archive/site1.key"), null));
        Assert.Equal(_first.Leaf.SerialNumber, SerialOf(site));
        _folder.Link("live/cert.key", "../archive/site2.key");
        _store.Look();
        Assert.Equal(_first.Leaf.SerialNumber, SerialOf(site));
        _folder.Link("live/cert.pem", "../archive/site2.pem");
        _store.Look();
        Assert.Equal(_second.Leaf.SerialNumber, SerialOf(site));
        Assert.Empty(Errors());
    }

    [Fact]
    public void A_renewal_seen_half_way_is_waited_for_in_silence()
    {
        TlsIdentity site = Load(_folder.WriteSite("site", _first));
        File.WriteAllText(site.Certificate!, _second.Chain);
        _store.Look();
        Assert.Equal(_first.Leaf.SerialNumber, SerialOf(site));
        File.WriteAllText(site.CertificateKey!, _second.Key);
        _store.Look();
        Assert.Equal(_second.Leaf.SerialNumber, SerialOf(site));
        Assert.Empty(Errors());
    }

    [Theory]
    [InlineData("garbage", "")]
    [InlineData("", "")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "")]
    [InlineData(null, "no such file")]
    public void A_broken_file_keeps_the_old_certificate_and_is_told_once(string? text, string reason)
    {
        TlsIdentity site = Load(_folder.WriteSite("site", _first));
        if (text is null)
            File.Delete(site.Certificate!);
        else
            File.WriteAllText(site.Certificate!, text);
        for (int look = 0; look < 4; look++)
            _store.Look();
        Assert.Equal(_first.Leaf.SerialNumber, SerialOf(site));
        string error = Assert.Single(Errors());
        Assert.Contains(site.Certificate!, error, StringComparison.Ordinal);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.Contains("the one in use stays", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_another_certificate_is_told_at_the_second_look_and_again_after_a_change()
    {
        TlsIdentity site = Load(_folder.WriteSite("site", _first));
        File.WriteAllText(site.CertificateKey!, _second.Key);
        _store.Look();
        Assert.Empty(Errors());
        _store.Look();
        _store.Look();
        Assert.Contains("not the key of the first certificate", Assert.Single(Errors()), StringComparison.Ordinal);
        File.WriteAllText(site.CertificateKey!, _authority.Issue("three.example.org").Key);
        _store.Look();
        _store.Look();
        Assert.Equal(2, Errors().Length);
        Assert.Equal(_first.Leaf.SerialNumber, SerialOf(site));
    }

    [Fact]
    public void A_certificate_that_has_ended_does_not_replace_a_good_one_but_is_better_than_none()
    {
        TestCertificate ended = _authority.Issue("one.example.org", days: -1);
        TlsIdentity site = Load(_folder.WriteSite("site", _first));
        _folder.WriteSite("site", ended);
        _store.Look();
        _store.Look();
        Assert.Equal(_first.Leaf.SerialNumber, SerialOf(site));
        Assert.Single(Errors());
        TlsIdentity other = Load(_folder.WriteSite("other", ended));
        Assert.Equal(ended.Leaf.SerialNumber, SerialOf(other));
        Assert.Single(_log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("has not been renewed", StringComparison.Ordinal));
    }

    [Fact]
    public void A_site_without_a_usable_certificate_comes_to_life_when_it_is_mended()
    {
        TlsIdentity site = new(_folder.PathOf("site.pem"), _folder.PathOf("site.key"), _folder.Write("site.ca", "no CA"));
        Load(site);
        Assert.Null(_store.OptionsFor(site));
        Assert.Contains("its clients are refused", Assert.Single(Errors()), StringComparison.Ordinal);
        _folder.WriteSite("site", _first);
        _store.Look();
        Assert.Null(_store.OptionsFor(site));
        _folder.WriteSite("site", _first, _authority);
        _store.Look();
        Assert.True(_store.OptionsFor(site)!.ClientCertificateRequired);
    }

    [Fact]
    public void A_reload_keeps_what_stays_and_remembers_what_went_for_clients_on_their_way()
    {
        TlsIdentity stays = _folder.WriteSite("stays", _first), goes = _folder.WriteSite("goes", _second);
        _store.Load([stays, goes], TlsIdentity.SelfSigned);
        SslServerAuthenticationOptions kept = _store.OptionsFor(stays)!;
        _store.Load([], stays);
        Assert.Same(kept, _store.OptionsFor(stays));
        Assert.NotNull(_store.OptionsFor(goes));
        Assert.NotNull(_store.OptionsFor(TlsIdentity.SelfSigned));
        _store.Load([stays], stays);
        Assert.Same(kept, _store.OptionsFor(stays));
        Assert.Null(_store.OptionsFor(goes));
        Assert.Null(_store.OptionsFor(TlsIdentity.SelfSigned));
    }

    /// <summary>A renewal that fails for months says nothing by itself.</summary>
    [Theory]
    [InlineData(90, 75, 77)]
    [InlineData(6, 0, 1)]       // Of 16 days in all: a third counts, or every renewal would come too late.
    public void An_end_that_comes_near_is_told_once_while_running(int daysLeft, int early, int late)
    {
        LaterClock clock = new() { Days = early };
        using CertificateStore store = new(clock, Timeout.InfiniteTimeSpan, _log);
        TlsIdentity site = _folder.WriteSite("site", _authority.Issue("one.example.org", days: daysLeft));
        store.Load([site], TlsIdentity.SelfSigned);
        store.Look();
        Assert.Empty(Warnings());
        clock.Days = late;
        store.Look();
        store.Look();
        store.Load([site], TlsIdentity.SelfSigned);
        Assert.Contains("one.example.org", Assert.Single(Warnings()), StringComparison.Ordinal);
        _folder.WriteSite("site", _authority.Issue("one.example.org", days: 200));
        store.Look();
        Assert.Single(Warnings());
        clock.Days = 190;
        File.Delete(site.Certificate!);     // What is in use ends all the same.
        store.Look();
        store.Look();
        Assert.Equal(2, Warnings().Length);
    }

    [Fact]
    public void A_file_beyond_the_limit_is_not_read()
    {
        TlsIdentity site = Load(_folder.WriteSite("site", _first));
        File.WriteAllText(site.Certificate!, _second.Chain.PadRight(PemFile.BytesMax));
        File.WriteAllText(site.CertificateKey!, _second.Key);
        _store.Look();
        Assert.Equal(_second.Leaf.SerialNumber, SerialOf(site));
        File.WriteAllText(site.Certificate!, _second.Chain.PadRight(PemFile.BytesMax + 1));
        _store.Look();
        _store.Look();
        Assert.Contains($"at most {PemFile.BytesMax} are read", Assert.Single(Errors()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_timer_finds_a_change_without_a_reload()
    {
        using CertificateStore store = new(TimeProvider.System, TimeSpan.FromMilliseconds(10), _log);
        TlsIdentity site = _folder.WriteSite("site", _first);
        store.Load([site], TlsIdentity.SelfSigned);
        SslServerAuthenticationOptions options = store.OptionsFor(site)!;
        _folder.WriteSite("site", _second);
        await Eventually.IsTrueAsync(() => store.OptionsFor(site) != options, "the new certificate is in use");
    }

    private TlsIdentity Load(TlsIdentity site)
    {
        _store.Load([site], TlsIdentity.SelfSigned);
        return site;
    }

    private string SerialOf(TlsIdentity site) => _store.OptionsFor(site)!.ServerCertificateContext!.TargetCertificate.SerialNumber;

    private string[] Warnings() => [.. _log.Lines.Where(line => line.StartsWith("Warning", StringComparison.Ordinal))];

    private string[] Errors() => [.. _log.Lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal))];
    /// <summary>A clock that is ahead by some days.</summary>
    private sealed class LaterClock : TimeProvider
    {
        internal int Days { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddDays(Days);
    }
}
