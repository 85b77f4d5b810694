using FastSni.Bans;
using FastSni.Wire;
using Xunit;
using static FastSni.Tests.Bans.BanFolder;

namespace FastSni.Tests.Bans;

public class BanTableTests
{
    private readonly BanClock _clock = new();

    [Fact]
    public void Nobody_is_banned_at_first()
    {
        BanTable table = new();
        Assert.False(table.IsBanned(Client("192.0.2.1")));
        Assert.False(table.IsBanned(Client("2001:db8::1")));
        Assert.False(table.IsBanned(default));
    }

    [Fact]
    public void The_port_does_not_matter_and_a_mapped_address_is_IPv4()
    {
        BanTable table = new(_clock);
        table.Set(Prefix("192.0.2.1"), BanTable.Never);
        Assert.True(table.IsBanned(Client("192.0.2.1").WithPort(1)));
        Assert.True(table.IsBanned(Client("::ffff:192.0.2.1")));
        Assert.False(table.IsBanned(Client("192.0.2.2")));
    }

    [Fact]
    public void A_wide_IPv6_prefix_says_nothing_about_IPv4()
    {
        BanTable table = new(_clock);
        table.Set(Prefix("::fffe:0:0/95"), BanTable.Never);
        table.List(new AddressSet([Prefix("::fffe:0:0/95"), Prefix("::/0")]));
        Assert.False(table.IsBanned(Client("192.0.2.1")));
        Assert.True(table.IsBanned(Client("::fffe:0:1")));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3")]
    [InlineData("2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::2")]
    public void Of_nested_bans_the_one_that_lasts_longer_counts(string wide, string narrow, string client)
    {
        foreach ((string first, string second) in new[] { (wide, narrow), (narrow, wide) })
        {
            BanTable table = new(_clock);
            table.Set(Prefix(first), _clock.GetTimestamp() + 10);
            table.Set(Prefix(second), _clock.GetTimestamp() + 20);
            _clock.Advance(TimeSpan.FromTicks(10));
            Assert.True(table.IsBanned(Client(client)));
            _clock.Advance(TimeSpan.FromTicks(10));
            Assert.False(table.IsBanned(Client(client)));
        }
    }

    [Fact]
    public void Two_bans_of_one_length_are_taken_back_one_by_one()
    {
        BanTable table = new(_clock);
        table.Set(Prefix("192.0.2.0/28"), BanTable.Never);
        table.Set(Prefix("192.0.2.16/28"), BanTable.Never);
        table.Set(Prefix("192.0.2.16/28"), BanTable.Never);
        table.Remove(Prefix("192.0.2.16/28"));
        table.Remove(Prefix("192.0.2.16/28"));
        Assert.False(table.IsBanned(Client("192.0.2.17")));
        Assert.True(table.IsBanned(Client("192.0.2.1")));
        table.Remove(Prefix("192.0.2.0/28"));
        Assert.False(table.IsBanned(Client("192.0.2.1")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_answers_as_a_walk_over_the_whole_list_would(int seed)
    {
        Random random = new(seed);
        BanTable table = new(_clock);
        long now = _clock.GetTimestamp();
        Dictionary<AddressPrefix, long> held = [];
        for (int i = 0; i < 600; i++)
        {
            AddressPrefix prefix = RandomPrefix(random);
            if (random.Next(4) == 0)
            {
                held.Remove(prefix);
                table.Remove(prefix);
            }
            else
                table.Set(prefix, held[prefix] = random.Next(3) switch { 0 => BanTable.Never, 1 => now, _ => now + 1 });
        }
        AddressPrefix[] listed = [.. Enumerable.Range(0, 300).Select(_ => RandomPrefix(random))];
        AddressPrefix[] spared = [.. Enumerable.Range(0, 20).Select(_ => RandomPrefix(random))];
        table.List(new AddressSet(listed));
        table.Protect(new AddressSet(spared));
        int banned = 0;
        for (int i = 0; i < 10_000; i++)
        {
            IpEndpoint client = RandomAddress(random).WithPort(i);
            bool expected = (held.Any(ban => ban.Value > now && ban.Key.Contains(client)) || listed.Any(prefix => prefix.Contains(client)))
                && !spared.Any(prefix => prefix.Contains(client));
            Assert.Equal(expected, table.IsBanned(client));
            banned += expected ? 1 : 0;
        }
        Assert.InRange(banned, 500, 9_500);
    }

    [Fact]
    public void Asking_allocates_nothing()
    {
        BanTable table = new(_clock);
        table.Set(Prefix("192.0.2.1"), BanTable.Never);
        table.Set(Prefix("10.0.0.0/8"), _clock.GetTimestamp() + 1);
        table.Set(Prefix("2001:db8::/32"), BanTable.Never);
        table.List(new AddressSet([Prefix("198.51.100.0/24"), Prefix("2001:db8:1::/48")]));
        IpEndpoint[] clients = [Client("192.0.2.1"), Client("10.1.2.3"), Client("198.51.100.7"), Client("8.8.8.8"), Client("2001:db8:1::1"), Client("2001:db9::1")];
        int Ask()
        {
            int banned = 0;
            foreach (IpEndpoint client in clients)
                banned += table.IsBanned(client) ? 1 : 0;
            return banned;
        }

        Assert.Equal(4, Ask());
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 100; round++)
            Ask();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Who_is_banned_all_the_time_is_found_all_the_time_while_others_come_and_go()
    {
        BanTable table = new(_clock);
        table.Set(Prefix("192.0.2.1"), BanTable.Never);
        table.Set(Prefix("2001:db8::/32"), BanTable.Never);
        using CancellationTokenSource stop = new();
        Task<(int Looks, int Wrong)>[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () => LookUntil(table, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Random random = new(7);
        for (int i = 0; i < 20_000; i++)
        {
            AddressPrefix prefix = new(IpEndpoint.Create([10, (byte)random.Next(256), 0, 0], 0), 16);
            AddressPrefix longer = new(IpEndpoint.Create([10, 0, (byte)random.Next(256), 0], 0).Masked(random.Next(8, 25)), 24);
            foreach (AddressPrefix one in new[] { prefix, longer })
            {
                if (random.Next(2) == 0)
                    table.Set(one, BanTable.Never);
                else
                    table.Remove(one);
            }
        }
        await stop.CancelAsync();
        foreach ((int looks, int wrong) in await Task.WhenAll(readers))
        {
            Assert.NotEqual(0, looks);
            Assert.Equal(0, wrong);
        }
    }

    private static (int Looks, int Wrong) LookUntil(BanTable table, CancellationToken stop)
    {
        int looks = 0, wrong = 0;
        do
        {
            looks++;
            if (!table.IsBanned(Client("192.0.2.1")) || !table.IsBanned(Client("2001:db8::1")) || table.IsBanned(Client("192.0.2.2")))
                wrong++;
        }
        while (!stop.IsCancellationRequested);
        return (looks, wrong);
    }

    // Few values, so that prefixes nest and addresses hit.
    private static IpEndpoint RandomAddress(Random random)
    {
        Span<byte> bytes = stackalloc byte[random.Next(2) == 0 ? 4 : 16];
        bytes[0] = (byte)(0x20 + random.Next(4));
        for (int i = 1; i < bytes.Length; i++)
            bytes[i] = (byte)(random.Next(3) * 85);
        return IpEndpoint.Create(bytes, 0);
    }

    private static AddressPrefix RandomPrefix(Random random)
    {
        IpEndpoint address = RandomAddress(random);
        int bits = random.Next(9, (address.AddressBytes * 8) + 1);
        return new AddressPrefix(address.Masked(bits), bits);
    }
}
