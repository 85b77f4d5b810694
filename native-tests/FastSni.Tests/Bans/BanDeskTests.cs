using System.Net;
using FastSni.Bans;
using FastSni.Config;
using Xunit;
using static FastSni.Tests.Bans.BanFolder;

namespace FastSni.Tests.Bans;

public sealed class BanDeskTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly BanFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_ban_counts_at_once_and_until_it_is_taken_back()
    {
        using BanDesk desk = _folder.Start();
        desk.Ban("198.51.100.7", reason: "too many logins");
        desk.Ban("2001:db8::/32");
        Assert.True(desk.IsBanned("198.51.100.7"));
        Assert.True(desk.IsBanned("2001:db8::7"));
        Assert.Equal(2, desk.Count);
        Assert.Null(desk.Unban("198.51.100.7"));
        Assert.False(desk.IsBanned("198.51.100.7"));
        Assert.Equal(["2001:db8::/32"], desk.Prefixes());
        Assert.Contains("Information: 198.51.100.7 is banned until it is taken back: too many logins", _folder.Log.Lines);
    }

    [Fact]
    public void A_ban_ends_when_its_time_is_over_and_is_forgotten_later()
    {
        using BanDesk desk = _folder.Start();
        desk.Ban("198.51.100.7", Hour);
        _folder.Clock.Advance(Hour - TimeSpan.FromTicks(1));
        Assert.True(desk.IsBanned("198.51.100.7"));
        _folder.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.False(desk.IsBanned("198.51.100.7"));
        Assert.Empty(desk.List());
        Assert.Equal(0, desk.Count);
        Assert.Equal("198.51.100.7 is not banned", desk.Unban("198.51.100.7"));
        for (int second = 0; second < 60; second++)
            desk.Tick();
        desk.Ban("198.51.100.7");
        Assert.True(desk.IsBanned("198.51.100.7"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_step_of_the_wall_clock_neither_frees_nor_prolongs(int hours)
    {
        using BanDesk desk = _folder.Start();
        desk.Ban("198.51.100.7", TimeSpan.FromMinutes(10));
        _folder.Clock.SetBack(TimeSpan.FromHours(hours));
        Assert.True(desk.IsBanned("198.51.100.7"));
        Assert.Equal(_folder.Clock.GetUtcNow() + TimeSpan.FromMinutes(10), Assert.Single(desk.List()).Until);
        _folder.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.False(desk.IsBanned("198.51.100.7"));
    }

    [Fact]
    public void A_second_ban_brings_a_new_time_and_a_new_reason_and_comes_first()
    {
        using BanDesk desk = _folder.Start();
        desk.Ban("198.51.100.7", TimeSpan.FromMinutes(1), "first");
        desk.Ban("198.51.100.8");
        _folder.Clock.Advance(TimeSpan.FromSeconds(30));
        desk.Ban("198.51.100.7", Hour, "second");
        Assert.Equal(["198.51.100.7", "198.51.100.8"], desk.Prefixes());
        Ban ban = desk.List()[0];
        Assert.Equal(("second", _folder.Clock.GetUtcNow(), _folder.Clock.GetUtcNow() + Hour), (ban.Reason, ban.Since, ban.Until));
        _folder.Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.True(desk.IsBanned("198.51.100.7"));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1 can't be banned: it overlaps 127.0.0.0/8, which is protected (loopback)")]
    [InlineData("::1", "::1 can't be banned: it is protected (loopback)")]
    [InlineData("::/0", "::/0 can't be banned: it overlaps ::1, which is protected (loopback)")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0 can't be banned: it overlaps 127.0.0.0/8, which is protected (loopback)")]
    [InlineData("192.168.0.0/16", "192.168.0.0/16 can't be banned: it overlaps 192.168.7.0/24, which is protected ([bans] never)")]
    [InlineData("10.0.0.9", "10.0.0.9 can't be banned: it overlaps 10.0.0.0/24, which is protected (trusted-proxies)")]
    [InlineData("203.0.113.1", "203.0.113.1 can't be banned: it is protected (an address of this machine)")]
    public void What_must_not_be_banned_is_refused_with_the_range_that_says_so(string prefix, string sentence)
    {
        using BanDesk desk = _folder.Start(_folder.Options(null, [Prefix("192.168.7.0/24")], IPNetwork.Parse("10.0.0.0/24")));
        Assert.Equal(sentence, desk.Refusal(prefix));
        Assert.Empty(desk.List());
    }

    [Fact]
    public void An_address_the_machine_got_since_is_asked_for_at_every_ban()
    {
        using BanDesk desk = _folder.Start();
        desk.Ban("203.0.113.2");
        _folder.Own.Add(Prefix("203.0.113.3"));
        Assert.NotNull(desk.Refusal("203.0.113.3"));
    }

    [Fact]
    public void What_becomes_protected_by_a_reload_is_banned_no_more()
    {
        using BanDesk desk = _folder.Start();
        desk.Ban("198.51.100.7");
        desk.Ban("198.51.0.0/16");
        desk.Apply(_folder.Options(never: [Prefix("198.51.100.0/24")]));
        Assert.False(desk.IsBanned("198.51.100.7"));
        Assert.True(desk.IsBanned("198.51.101.7"));
        Assert.NotNull(desk.Refusal("198.51.100.8"));
        desk.Apply(_folder.Options());
        Assert.True(desk.IsBanned("198.51.100.7"));
    }

    [Fact]
    public void The_machine_s_own_addresses_can_be_read()
    {
        using BanDesk desk = new(_folder.Log, _folder.Clock);
        Assert.Contains(Prefix("127.0.0.1"), Protected.OwnAddresses());
        Assert.Null(desk.Refusal("198.51.100.7"));
    }

    [Fact]
    public void A_time_that_makes_no_sense_is_refused()
    {
        using BanDesk desk = _folder.Start();
        Assert.Contains("more than 0 s", desk.Refusal("198.51.100.7", TimeSpan.Zero), StringComparison.Ordinal);
        Assert.Contains("at most 3650d", desk.Refusal("198.51.100.7", TimeSpan.MaxValue), StringComparison.Ordinal);
        Assert.Null(desk.Refusal("198.51.100.7", TimeSpan.FromDays(3650)));
    }

    [Theory]
    [InlineData("  plain words ", "plain words")]
    [InlineData("a\tb\r\nc\u001b[31m", "a?b??c?[31m")]
    [InlineData("right\u202eleft\u2028line", "right?left?line")]
    public void Reasons_are_fit_for_a_line(string given, string kept) => Assert.Equal(kept, BanReason.Clean(given));

    [Fact]
    public void Half_a_character_is_replaced() => Assert.Equal("x\ufffd", BanReason.Clean("x\ud800"));

    [Fact]
    public void Reasons_are_cut_between_characters()
    {
        Assert.Equal(new string('x', 200), BanReason.Clean(new string('x', 300)));
        Assert.Equal(new string('x', 199), BanReason.Clean(new string('x', 199) + "\U0001F600"));
    }

    [Fact]
    public void Only_the_very_entry_can_be_taken_back()
    {
        _folder.WriteList("192.0.2.0/24");
        using BanDesk desk = _folder.Start(_folder.Options(_folder.ListFile));
        desk.Ban("10.0.0.0/8");
        Assert.Equal("10.1.2.3 is not banned by itself: it is inside the banned 10.0.0.0/8", desk.Unban("10.1.2.3"));
        Assert.Equal($"192.0.2.0/24 stands in {_folder.ListFile}: take it out there", desk.Unban("192.0.2.0/24"));
        Assert.Equal($"192.0.2.1 is not banned by itself: it is inside 192.0.2.0/24, which stands in {_folder.ListFile}", desk.Unban("192.0.2.1"));
        Assert.Equal("10.0.0.0/7 is not banned", desk.Unban("10.0.0.0/7"));
        Assert.Equal(["10.0.0.0/8", "192.0.2.0/24"], desk.Prefixes());
    }

    [Fact]
    public void A_full_list_refuses_counts_and_takes_again_when_bans_end()
    {
        using BanDesk desk = _folder.Start();
        BanBook book = new(desk.Table, _folder.Clock);
        for (int i = 0; i < BanBook.BansMax; i++)
            Assert.True(book.TryBan(new(FastSni.Wire.IpEndpoint.Create([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i], 0), 32), Hour, "", out _));
        Assert.False(book.TryBan(Prefix("198.51.100.7"), Hour, "", out string? error));
        Assert.Equal("the ban list is full (200000 entries): ban prefixes, or for a shorter time", error);
        Assert.Equal(1, book.RefusedFull);
        Assert.True(book.TryBan(Prefix("10.0.0.1"), Hour, "again", out _));
        _folder.Clock.Advance(Hour);
        Assert.True(book.TryBan(Prefix("198.51.100.7"), Hour, "", out _));
        Assert.Equal(1, book.Count);
    }
}
