using FastSni.Bans;
using Xunit;
using static FastSni.Tests.Bans.BanFolder;

namespace FastSni.Tests.Bans;

public sealed class BanFileTests : IDisposable
{
    private readonly BanFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Addresses_prefixes_and_comments_are_read()
    {
        _folder.WriteList("# a list", "198.51.100.7", "  10.0.0.0/8 ; SBL1", "", "; end", "2001:db8::/32# x", "198.51.100.8\r");
        using BanDesk desk = Start();
        Assert.Equal(["198.51.100.7", "10.0.0.0/8", "2001:db8::/32", "198.51.100.8"], desk.Prefixes());
        Assert.All(desk.List(), ban => Assert.True(ban is { IsFromFile: true, Until: null } && ban.Since > DateTimeOffset.UnixEpoch));
        Assert.True(desk.IsBanned("10.255.255.255"));
        Assert.True(desk.IsBanned("2001:db8:ffff::"));
        Assert.False(desk.IsBanned("11.0.0.0"));
        Assert.Equal(4, desk.Count);
    }

    [Fact]
    public void A_change_is_seen_without_a_reload_and_told_once()
    {
        _folder.WriteList("198.51.100.7");
        using BanDesk desk = Start();
        Look(desk);
        Assert.Equal(0, _folder.Calls);
        _folder.WriteList("198.51.100.7", "198.51.100.8");
        Look(desk);
        Look(desk);
        Assert.True(desk.IsBanned("198.51.100.8"));
        Assert.Equal(1, _folder.Calls);
    }

    [Fact]
    public void Another_file_of_the_same_size_and_time_renamed_over_it_is_seen()
    {
        _folder.WriteList("198.51.100.7");
        using BanDesk desk = Start();
        string other = _folder.ListFile + ".other";
        File.WriteAllText(other, "198.51.100.8\n");
        File.SetLastWriteTimeUtc(other, File.GetLastWriteTimeUtc(_folder.ListFile));
        File.Move(other, _folder.ListFile, overwrite: true);
        Look(desk);
        Assert.Equal(["198.51.100.8"], desk.Prefixes());
    }

    [Fact]
    public void Behind_a_symbolic_link_the_target_counts()
    {
        string one = _folder.ListFile + ".1", two = _folder.ListFile + ".2";
        File.WriteAllText(one, "198.51.100.7\n");
        File.WriteAllText(two, "198.51.100.8\n198.51.100.9\n");
        File.CreateSymbolicLink(_folder.ListFile, one);
        using BanDesk desk = Start();
        File.WriteAllText(one, "198.51.100.17\n");
        Look(desk);
        Assert.Equal(["198.51.100.17"], desk.Prefixes());
        File.Delete(_folder.ListFile);
        File.CreateSymbolicLink(_folder.ListFile, two);
        Look(desk);
        Assert.Equal(["198.51.100.8", "198.51.100.9"], desk.Prefixes());
    }

    [Fact]
    public void A_file_that_is_gone_or_no_file_any_more_keeps_its_last_list_and_is_told_once()
    {
        _folder.WriteList("198.51.100.7");
        using BanDesk desk = Start();
        File.Delete(_folder.ListFile);
        Look(desk);
        Look(desk);
        Assert.True(desk.IsBanned("198.51.100.7"));
        Assert.Equal([$"Warning: {_folder.ListFile} can't be read (there is no such file): what it listed last stays banned"], Warnings());
        Directory.CreateDirectory(_folder.ListFile);
        Look(desk);
        Assert.True(desk.IsBanned("198.51.100.7"));
        Assert.Equal(2, Warnings().Length);
        Directory.Delete(_folder.ListFile);
        _folder.WriteList("198.51.100.8");
        Look(desk);
        Assert.Equal(["198.51.100.8"], desk.Prefixes());
    }

    [Fact]
    public void Wrong_lines_are_told_by_number_and_then_counted()
    {
        _folder.WriteList("wrong from the start, which the configuration's reader tells", "198.51.100.7");
        using BanDesk desk = Start();
        Assert.Empty(Warnings());
        _folder.WriteList(["198.51.100.7", "host.example.org", "10.0.0.1/8", "1.2.3", "::ffff:1.2.3.4", "[::1]", "1.2.3.4/33", .. Enumerable.Repeat("wrong", 15), "1.2.3.4 # good"]);
        Look(desk);
        Assert.Equal(["198.51.100.7", "1.2.3.4"], desk.Prefixes());
        Assert.Equal(
            Enumerable.Range(2, 20).Select(line => $"Warning: {_folder.ListFile}:{line}: "), Warnings()[..20].Select(text => text[..(text.IndexOf(": ", 9, StringComparison.Ordinal) + 2)]));
        Assert.Equal($"Warning: {_folder.ListFile}:3: \"10.0.0.1/8\" has bits set behind the prefix: write 10.0.0.0/8, or the address alone; this line bans nobody", Warnings()[1]);
        Assert.Equal([$"Warning: {_folder.ListFile}: 1 more lines are wrong and ban nobody"], Warnings()[20..]);
    }

    [Fact]
    public void What_is_protected_is_passed_over_with_a_warning()
    {
        _folder.WriteList("0.0.0.0/0", "192.168.1.1", "198.51.100.7");
        using BanDesk desk = _folder.Start(_folder.Options(_folder.ListFile, [Prefix("192.168.0.0/16")]));
        Assert.Equal(["198.51.100.7"], desk.Prefixes());
        Assert.Contains($"Warning: {_folder.ListFile}: 192.168.1.1 is passed over: it overlaps 192.168.0.0/16, which is protected ([bans] never)", Warnings());
        desk.Apply(_folder.Options(_folder.ListFile));
        Assert.Equal(["192.168.1.1", "198.51.100.7"], desk.Prefixes());
    }

    [Fact]
    public void A_reload_names_another_file_or_none()
    {
        _folder.WriteList("198.51.100.7");
        string other = _folder.ListFile + ".other";
        File.WriteAllText(other, "198.51.100.8\n");
        using BanDesk desk = Start();
        desk.Ban("198.51.100.9");
        desk.Apply(_folder.Options(other));
        Assert.Equal(["198.51.100.9", "198.51.100.8"], desk.Prefixes());
        desk.Apply(_folder.Options());
        Assert.Equal(["198.51.100.9"], desk.Prefixes());
        Look(desk);
        Assert.False(desk.IsBanned("198.51.100.8"));
    }

    private string[] Warnings() => [.. _folder.Log.Lines.Where(line => line.StartsWith("Warning:", StringComparison.Ordinal))];

    private BanDesk Start() => _folder.Start(_folder.Options(_folder.ListFile));

    // The file is looked at every other second.
    private static void Look(BanDesk desk)
    {
        desk.Tick();
        desk.Tick();
    }
}
