using System.Runtime.Versioning;
using FastSni.Bans;
using Xunit;
using static FastSni.Tests.Bans.BanFolder;

namespace FastSni.Tests.Bans;

public sealed class BanStoreTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly BanFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Bans_outlive_the_process()
    {
        using (BanDesk before = _folder.Start())
        {
            before.Ban("198.51.100.7", Hour, "logins\tof \u001b many");
            before.Ban("2001:db8::/32");
        }
        _folder.Clock.Advance(TimeSpan.FromMinutes(59));
        using BanDesk after = _folder.Start();
        Assert.Equal(["2001:db8::/32", "198.51.100.7"], after.Prefixes());
        Ban ban = after.List()[1];
        Assert.Equal(("logins?of ? many", _folder.Clock.GetUtcNow() + TimeSpan.FromMinutes(1)), (ban.Reason, ban.Until));
        Assert.True(after.IsBanned("198.51.100.7"));
        _folder.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(after.IsBanned("198.51.100.7"));
        Assert.True(after.IsBanned("2001:db8::1"));
    }

    [Fact]
    public void A_desk_without_bans_sleeps_and_a_ban_wakes_it()
    {
        using BanDesk desk = _folder.Start();
        desk.Tick();
        Assert.False(_folder.Clock.IsTimerOn);
        desk.Ban("198.51.100.7");
        Assert.True(_folder.Clock.IsTimerOn);
        desk.Tick();
        Assert.Contains("198.51.100.7", File.ReadAllText(_folder.StateFile), StringComparison.Ordinal);
    }

    [Fact]
    public void A_ban_at_the_very_moment_of_falling_asleep_is_written_too()
    {
        using BanDesk desk = _folder.Start();
        _folder.Clock.BeforeTimerStops = () => desk.Ban("198.51.100.7");
        desk.Tick();
        Assert.True(_folder.Clock.IsTimerOn);
        desk.Tick();
        Assert.Contains("198.51.100.7", File.ReadAllText(_folder.StateFile), StringComparison.Ordinal);
    }

    [Fact]
    public void An_end_that_no_command_could_have_given_is_brought_nearer_and_not_forgotten()
    {
        Directory.CreateDirectory(_folder.State);
        File.WriteAllText(_folder.StateFile, "198.51.100.7 2026-01-01T00:00:00Z 9999-01-01T00:00:00Z by hand\n");
        using BanDesk desk = _folder.Start();
        Assert.True(desk.IsBanned("198.51.100.7"));
        Assert.Equal(_folder.Clock.GetUtcNow() + TimeSpan.FromDays(3650), desk.List()[0].Until);
    }

    [Fact]
    public void What_somebody_else_left_in_the_drafts_place_is_not_written_through()
    {
        Directory.CreateDirectory(_folder.State);
        string other = Path.Combine(_folder.State, "other");
        File.WriteAllText(other, "precious");
        File.CreateSymbolicLink(_folder.StateFile + ".new", other);
        using (BanDesk desk = _folder.Start())
            desk.Ban("198.51.100.7");
        Assert.Equal("precious", File.ReadAllText(other));
        Assert.Contains("198.51.100.7", File.ReadAllText(_folder.StateFile), StringComparison.Ordinal);
    }

    [Fact]
    public void What_ended_meanwhile_is_not_restored()
    {
        using (BanDesk before = _folder.Start())
            before.Ban("198.51.100.7", Hour);
        _folder.Clock.Advance(Hour);
        using BanDesk after = _folder.Start();
        Assert.Empty(after.List());
    }

    [Fact]
    public void A_clock_that_is_years_behind_at_the_start_prolongs_no_ban_beyond_its_whole_time()
    {
        using (BanDesk before = _folder.Start())
            before.Ban("198.51.100.7", Hour);
        _folder.Clock.SetBack(TimeSpan.FromDays(5000));
        using BanDesk after = _folder.Start();
        Assert.True(after.IsBanned("198.51.100.7"));
        _folder.Clock.Advance(Hour);
        Assert.False(after.IsBanned("198.51.100.7"));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void Bans_are_written_together_at_the_next_tick_and_nothing_is_written_without_need()
    {
        using BanDesk desk = _folder.Start();
        desk.Tick();
        Assert.False(Directory.Exists(_folder.State));
        desk.Ban("198.51.100.7");
        desk.Ban("198.51.100.8", Hour, "why");
        Assert.False(File.Exists(_folder.StateFile));
        desk.Tick();
        Assert.Equal(
            ["198.51.100.8\t2026-11-23T09:15:30.123Z\t2026-11-23T10:15:30.123Z\twhy", "198.51.100.7\t2026-11-23T09:15:30.123Z\t-\t"],
            File.ReadAllLines(_folder.StateFile).Skip(1));
        Assert.Equal([_folder.StateFile], Directory.GetFiles(_folder.State));
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_folder.State) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute));
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_folder.StateFile) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite));
        File.Delete(_folder.StateFile);
        desk.Tick();
        Assert.False(File.Exists(_folder.StateFile));
        Assert.Null(desk.Unban("198.51.100.7"));
        desk.Tick();
        Assert.True(File.Exists(_folder.StateFile));
    }

    [Fact]
    public void Broken_lines_are_told_and_passed_over_and_an_editor_s_lines_are_read()
    {
        Directory.CreateDirectory(_folder.State);
        File.WriteAllLines(_folder.StateFile,
        [
            "# a remark", "", "198.51.100.7  2026-11-23T09:00:00Z   -   by  hand", "198.51.100.8 2026-11-23T09:00:00Z", "nonsense", "\0\0\0",
            "198.51.100.9 yesterday - x", "198.51.100.9 2026-11-23T09:00:00Z tomorrow x", "10.1.1.1/8 2026-11-23T09:00:00Z - x", "::1 x - -",
            "2001:db8::1 2026-11-23T09:00:00Z 2026-11-23T09:20:00Z",
        ]);
        using BanDesk desk = _folder.Start();
        Assert.Equal(["198.51.100.7", "2001:db8::1"], desk.Prefixes());
        Assert.Equal("by  hand", desk.List()[0].Reason);
        Assert.Equal(5, _folder.Log.Lines.Count(line => line.StartsWith($"Warning: {_folder.StateFile}:", StringComparison.Ordinal) && line.Contains("is no ban", StringComparison.Ordinal)));
        Assert.Contains($"Warning: {_folder.StateFile}: 2 more lines are passed over", _folder.Log.Lines);
    }

    [Fact]
    public void A_file_that_can_not_be_read_is_put_aside_and_not_overwritten()
    {
        Directory.CreateDirectory(_folder.State);
        using (FileStream huge = new(_folder.StateFile, FileMode.Create))
            huge.SetLength(LimitedFile.BytesMax + 1);
        using BanDesk desk = _folder.Start();
        Assert.Contains(_folder.Log.Lines, line => line.StartsWith($"Warning: {_folder.StateFile} can't be read (it is too large)", StringComparison.Ordinal));
        desk.Ban("198.51.100.7");
        desk.Tick();
        Assert.Equal(LimitedFile.BytesMax + 1, new FileInfo(_folder.StateFile + ".broken").Length);
        Assert.Contains("198.51.100.7", File.ReadAllText(_folder.StateFile), StringComparison.Ordinal);
    }

    [Fact]
    public void What_can_not_be_written_stays_in_force_is_told_now_and_then_and_tried_again()
    {
        File.WriteAllText(_folder.State, "a file where the directory belongs");
        using BanDesk desk = _folder.Start();
        desk.Ban("198.51.100.7");
        for (int second = 0; second < 320; second++)
        {
            desk.Tick();
            _folder.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.True(desk.IsBanned("198.51.100.7"));
        Assert.Equal(2, _folder.Log.Lines.Count(line => line.StartsWith("Error:", StringComparison.Ordinal)));
        File.Delete(_folder.State);
        _folder.Clock.Advance(BanStore.RetryAfter);
        desk.Tick();
        Assert.Contains("198.51.100.7", File.ReadAllText(_folder.StateFile), StringComparison.Ordinal);
        Assert.Contains($"Information: {_folder.StateFile} is written again", _folder.Log.Lines);
    }

    [Fact]
    public void A_protected_address_in_the_state_is_not_banned()
    {
        Directory.CreateDirectory(_folder.State);
        File.WriteAllText(_folder.StateFile, "0.0.0.0/0 2026-11-23T09:00:00Z - a mistake\n");
        using BanDesk desk = _folder.Start(_folder.Options(never: [Prefix("192.168.0.0/16")]));
        Assert.False(desk.IsBanned("127.0.0.1"));
        Assert.False(desk.IsBanned("192.168.1.1"));
        Assert.False(desk.IsBanned("203.0.113.1"));
        Assert.True(desk.IsBanned("198.51.100.7"));
        Assert.Null(desk.Unban("0.0.0.0/0"));
    }

    [Fact]
    public void During_an_upgrade_the_old_process_writes_nothing_and_follows_the_new_one()
    {
        using BanDesk old = _folder.Start();
        old.Ban("198.51.100.7");
        old.Freeze();
        Assert.Equal("an upgrade is under way: ask again in a moment", old.Refusal("198.51.100.8"));
        Assert.Equal("an upgrade is under way: ask again in a moment", old.Unban("198.51.100.7"));
        BanDesk young = _folder.Start();
        Assert.Equal(["198.51.100.7"], young.Prefixes());
        old.Follow();
        old.Tick();
        young.Ban("198.51.100.8", Hour);
        Assert.Null(young.Unban("198.51.100.7"));
        young.Tick();
        int calls = _folder.Calls;
        old.Tick();
        Assert.Equal(["198.51.100.8"], old.Prefixes());
        Assert.False(old.IsBanned("198.51.100.7"));
        Assert.Equal(calls + 1, _folder.Calls);
        old.Tick();
        Assert.Equal(calls + 1, _folder.Calls);
        File.Delete(_folder.StateFile);
        old.Tick();
        old.Dispose();
        Assert.True(old.IsBanned("198.51.100.8"));
        Assert.False(File.Exists(_folder.StateFile));
        young.Dispose();
    }

    [Fact]
    public void After_an_upgrade_that_failed_all_is_as_before()
    {
        using BanDesk desk = _folder.Start();
        desk.Freeze();
        desk.Thaw();
        desk.Ban("198.51.100.7");
        desk.Tick();
        Assert.True(File.Exists(_folder.StateFile));
    }
}
