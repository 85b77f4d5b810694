using System.Net.Security;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests.Http;

/// <summary>https servers behind an offload section: whose certificate is believed.</summary>
public sealed class TlsServerTests
{
    private static SslServerAuthenticationOptions Certificate => new() { ServerCertificate = TestCertificates.Shared.Server };

    [Fact]
    public async Task A_server_with_a_certificate_of_the_given_authority_is_believed()
    {
        using WireBackend backend = WireBackend.Start(tls: Certificate);
        await using Gateway gateway = await StartAsync(backend, ("backend-verify", TestCertificates.Shared.AuthorityPath), ("backend-name", "app.home.test"));
        Assert.Equal((200, backend.Name), await AskAsync(gateway));
        backend.AssertWellFormed();
    }

    [Fact]
    public async Task Without_a_name_of_its_own_the_server_has_that_of_the_request()
    {
        using WireBackend backend = WireBackend.Start(tls: Certificate);
        await using Gateway gateway = await StartAsync(backend, ("backend-verify", TestCertificates.Shared.AuthorityPath));
        Assert.Equal((200, backend.Name), await AskAsync(gateway));
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused()
    {
        using WireBackend backend = WireBackend.Start(tls: Certificate);
        await using Gateway gateway = await StartAsync(backend, ("backend-verify", TestCertificates.Shared.AuthorityPath), ("backend-name", "app.elsewhere.test"));
        await AssertRefusedAsync(gateway, backend);
    }

    [Fact]
    public async Task A_certificate_of_nobody_the_system_trusts_is_refused()
    {
        using WireBackend backend = WireBackend.Start(tls: Certificate);
        await using Gateway gateway = await StartAsync(backend, ("backend-name", "app.home.test"));
        await AssertRefusedAsync(gateway, backend);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        using WireBackend backend = WireBackend.Start(tls: Certificate);
        using OtherAuthority other = new();
        await using Gateway gateway = await StartAsync(backend, ("backend-verify", other.Path), ("backend-name", "app.home.test"));
        await AssertRefusedAsync(gateway, backend);
    }

    [Fact]
    public async Task Any_certificate_will_do_where_the_operator_says_so()
    {
        using WireBackend backend = WireBackend.Start(tls: Certificate);
        await using Gateway gateway = await StartAsync(backend, ("backend-verify", "off"), ("backend-name", "app.elsewhere.test"));
        Assert.Equal((200, backend.Name), await AskAsync(gateway));
    }

    private static async Task AssertRefusedAsync(Gateway gateway, WireBackend backend)
    {
        Assert.Equal((502, "502 Bad Gateway\n"), await AskAsync(gateway));
        Assert.Empty(backend.Requests);
        await gateway.Log.LineWithAsync("certificate");
    }

    private static Task<Gateway> StartAsync(WireBackend backend, params (string Key, string Value)[] keys) =>
        Gateway.StartAsync(HttpRooms.Bare().Site("site", HttpRooms.SiteName, backend.Url, keys));

    private static async Task<(int Status, string Text)> AskAsync(Gateway gateway)
    {
        WireResponse response = await gateway.GetAsync(HttpRoom.Offload);
        return (response.Status, response.Text);
    }
}
