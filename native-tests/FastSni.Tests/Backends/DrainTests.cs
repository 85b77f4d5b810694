using FastSni.Backends;
using FastSni.Tests.Config;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Backends;

public class DrainTests
{
    private const string Text = ConfigFolder.Reject + """
        [listen:https]
        address = :443
        mode    = tls

        [listen:smtp]
        address = :25
        mode    = tcp
        backend = 192.0.2.1:25

        [passthrough:mail]
        names        = mail.example.org
        backend      = 192.0.2.1, 192.0.2.2:443, unix:/run/mail.sock
        http-backend = 192.0.2.2:80, 192.0.2.1

        [passthrough:web]
        names   = web.example.org
        backend = 192.0.2.2:443

        [offload:web]
        names   = app.example.org
        backend = http://192.0.2.3, http://[2001:db8::3]:8080

        """;

    private readonly LineLog _log = new();
    private readonly ServerRegistry _registry;
    private BackendPools _pools = BackendPools.Empty;

    public DrainTests()
    {
        _registry = new ServerRegistry(_log);
        Apply(Text);
    }

    [Theory]
    [InlineData("listen:smtp", "listen:smtp 192.0.2.1:25")]
    [InlineData("SMTP", "listen:smtp 192.0.2.1:25")]
    [InlineData("passthrough:web", "passthrough:web 192.0.2.2:443")]
    [InlineData("mail/unix:/run/mail.sock", "passthrough:mail unix:/run/mail.sock")]
    [InlineData("mail/192.0.2.2:443", "passthrough:mail 192.0.2.2:443")]
    [InlineData("mail/192.0.2.2", "passthrough:mail 192.0.2.2:443", "passthrough:mail 192.0.2.2:80")]
    [InlineData("mail/192.0.2.1", "passthrough:mail 192.0.2.1")]
    [InlineData("offload:web/http://192.0.2.3", "offload:web 192.0.2.3:80")]
    [InlineData("offload:web/192.0.2.3:80", "offload:web 192.0.2.3:80")]
    [InlineData("offload:web/[2001:db8::3]", "offload:web [2001:db8::3]:8080")]
    [InlineData("offload:web", "offload:web 192.0.2.3:80", "offload:web [2001:db8::3]:8080")]
    public void A_target_is_a_section_or_servers_of_it(string target, params string[] drained)
    {
        Assert.Null(_registry.Drain(target, isDraining: true));
        Assert.Equal(drained, Draining());
        Assert.Null(_registry.Drain(target, isDraining: false));
        Assert.Empty(Draining());
    }

    [Theory]
    [InlineData("web", "web is the name of several sections: write passthrough:web or offload:web")]
    [InlineData("https", "there is no section https with servers: write its name, such as passthrough:NAME, offload:NAME or listen:NAME")]
    [InlineData("offload:mail", "there is no section offload:mail with servers: write its name, such as passthrough:NAME, offload:NAME or listen:NAME")]
    [InlineData("", "there is no section  with servers: write its name, such as passthrough:NAME, offload:NAME or listen:NAME")]
    [InlineData("mail/192.0.2.9", "passthrough:mail has no such server: write an address as it stands in the file, or none for all of them")]
    [InlineData("mail/", "passthrough:mail has no such server: write an address as it stands in the file, or none for all of them")]
    public void A_target_that_stands_for_nothing_says_so(string target, string sentence)
    {
        Assert.Equal(sentence, _registry.Drain(target, isDraining: true));
        Assert.Empty(Draining());
    }

    [Fact]
    public void A_draining_server_is_not_chosen_whatever_becomes_of_the_others()
    {
        ServerPool pool = PoolsOf("passthrough:mail")[0];
        _registry.Drain("mail/192.0.2.2:443", isDraining: true);
        pool.Servers[0].RecordFailure(0);
        pool.Servers[2].CallDown();
        Assert.Equal([0, 2], pool.PickAll(Pools.SomeClient));
    }

    [Theory]
    [InlineData("mail")]
    [InlineData("smtp")]
    [InlineData("offload:web")]
    public void A_section_that_drains_has_no_server(string section)
    {
        _registry.Drain(section, isDraining: true);
        foreach (ServerPool pool in _pools.All.Where(pool => pool.Section.EndsWith(section, StringComparison.Ordinal)))
            Assert.Empty(pool.PickAll(Pools.SomeClient));
    }

    [Fact]
    public void Both_lists_of_a_section_drain_and_no_other_sections()
    {
        _registry.Drain("mail", isDraining: true);
        Assert.All(PoolsOf("passthrough:mail"), pool => Assert.Equal(-1, pool.Pick(Pools.SomeClient)));
        Assert.Equal(0, PoolsOf("passthrough:web")[0].Pick(Pools.SomeClient));
        Assert.Equal(0, PoolsOf("listen:smtp")[0].Pick(Pools.SomeClient));
    }

    [Fact]
    public void It_lasts_over_a_reload_and_a_refused_one()
    {
        _registry.Drain("mail/192.0.2.2", isDraining: true);
        _registry.Build(ConfigFolder.SnapshotOf(ConfigFolder.Reject));
        _registry.Keep(_pools);
        Assert.Equal(2, Draining().Length);
        Apply(Text.Replace("192.0.2.1, 192.0.2.2:443", "192.0.2.2:443", StringComparison.Ordinal));
        Assert.Equal(["passthrough:mail 192.0.2.2:443", "passthrough:mail 192.0.2.2:80"], Draining());
        Assert.Equal([1], PoolsOf("passthrough:mail")[0].PickAll(Pools.SomeClient));
    }

    [Fact]
    public void A_server_that_goes_and_comes_back_drains_no_more()
    {
        _registry.Drain("smtp", isDraining: true);
        Apply(Text.Replace("192.0.2.1:25", "192.0.2.9:25", StringComparison.Ordinal));
        Assert.Empty(Draining());
        Apply(Text);
        Assert.Empty(Draining());
    }

    [Fact]
    public void Pools_that_are_built_meanwhile_know_of_it_once_they_are_in_force()
    {
        BackendPools built = _registry.Build(ConfigFolder.SnapshotOf(Text));
        _registry.Drain("smtp", isDraining: true);
        _registry.Keep(_pools = built);
        Assert.Equal(["listen:smtp 192.0.2.1:25"], Draining());
        Assert.Equal(-1, PoolsOf("listen:smtp")[0].Pick(Pools.SomeClient));
    }

    [Fact]
    public void The_report_has_every_section_with_its_servers_and_what_they_carry()
    {
        ServerPool mail = PoolsOf("passthrough:mail")[0];
        mail.Servers[0].Enter();
        mail.Servers[1].Enter();
        mail.Servers[1].Enter();
        mail.Servers[1].RecordFailure(0);
        _registry.Drain("passthrough:web", isDraining: true);
        IReadOnlyList<SectionState> report = _pools.Report();
        Assert.Equal(["passthrough:mail", "passthrough:web", "offload:web", "listen:smtp"], report.Select(section => section.Section));
        Assert.Equal(
            [
                new ServerState("192.0.2.1", ServerCondition.Up, 1), new ServerState("192.0.2.2:443", ServerCondition.Down, 2),
                new ServerState("unix:/run/mail.sock", ServerCondition.Up, 0), new ServerState("192.0.2.2:80", ServerCondition.Up, 0),
            ],
            report[0].Servers.AsEnumerable());
        // The same server, which drains in this section alone.
        Assert.Equal([new ServerState("192.0.2.2:443", ServerCondition.Draining, 2)], report[1].Servers.AsEnumerable());
    }

    [Fact]
    public void It_is_told_once()
    {
        for (int i = 0; i < 2; i++)
            _registry.Drain("smtp", isDraining: true);
        for (int i = 0; i < 2; i++)
            _registry.Drain("smtp", isDraining: false);
        Assert.Equal(
            ["Information: server 192.0.2.1:25 of listen:smtp drains: it gets no new sessions and requests until fastsni undrain",
             "Information: server 192.0.2.1:25 of listen:smtp drains no more"],
            _log.Lines.AsEnumerable());
    }

    [Fact]
    public void Choosing_past_a_draining_server_allocates_nothing()
    {
        _registry.Drain("mail/192.0.2.2", isDraining: true);
        ServerPool pool = PoolsOf("passthrough:mail")[0];
        IpEndpoint client = Pools.SomeClient;
        ulong tried = 0;
        pool.Pick(client, ref tried, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            tried = 0;
            pool.Pick(client, ref tried, i);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Apply(string text)
    {
        _pools = _registry.Build(ConfigFolder.SnapshotOf(text));
        _registry.Keep(_pools);
    }

    private ServerPool[] PoolsOf(string section) => [.. _pools.All.Where(pool => pool.Section == section)];

    private string[] Draining() => [.. _pools.Report().SelectMany(section => section.Servers
        .Where(server => server.Condition == ServerCondition.Draining).Select(server => $"{section.Section} {server.Address}"))];
}
