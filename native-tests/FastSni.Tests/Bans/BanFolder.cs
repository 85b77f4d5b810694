using System.Collections.Immutable;
using System.Net;
using FastSni.Bans;
using FastSni.Config;
using FastSni.Tests.Backends;
using FastSni.Wire;
using Xunit;

namespace FastSni.Tests.Bans;

/// <summary>A state directory and a file of bans, and desks that use them.</summary>
internal sealed class BanFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fastsni-bans-");

    internal BanClock Clock { get; } = new();
    internal LineLog Log { get; } = new();
    internal string State => Path.Combine(_folder.FullName, "state");
    internal string StateFile => Path.Combine(State, "bans");
    internal string ListFile => Path.Combine(_folder.FullName, "bans.txt");
    internal List<AddressPrefix> Own { get; } = [Prefix("203.0.113.1")];
    internal int Calls { get; private set; }

    internal static AddressPrefix Prefix(string text)
    {
        Assert.True(AddressPrefix.TryParse(text, out AddressPrefix prefix), text);
        return prefix;
    }

    internal static IpEndpoint Client(string text) => IpEndpoint.Create(IPAddress.Parse(text), 50123);

    internal BanDesk Start() => Start(Options());

    internal BanDesk Start(Snapshot snapshot)
    {
        BanDesk desk = new(Log, Clock, () => Own);
        desk.Start(snapshot, () => Calls++);
        return desk;
    }

    internal Snapshot Options(string? file = null, ImmutableArray<AddressPrefix>? never = null, params IPNetwork[] trusted) => new()
    {
        Gateway = new GatewayOptions { StateDirectory = State, TrustedProxies = [.. trusted] },
        Listeners = [],
        Sections = [],
        Bans = new BanOptions { File = file, Never = never ?? [] },
        Admin = new AdminOptions(null),
        Warnings = [],
    };

    internal void WriteList(params string[] lines) => File.WriteAllLines(ListFile, lines);

    public void Dispose() => _folder.Delete(recursive: true);
}

internal static class BanDeskExtensions
{
    internal static void Ban(this BanDesk desk, string prefix, TimeSpan? duration = null, string reason = "")
    {
        desk.TryBan(BanFolder.Prefix(prefix), duration, reason, out string? error);
        Assert.Null(error);
    }

    internal static string? Refusal(this BanDesk desk, string prefix, TimeSpan? duration = null) =>
        desk.TryBan(BanFolder.Prefix(prefix), duration, "", out string? error) ? null : error;

    internal static string? Unban(this BanDesk desk, string prefix) => desk.TryUnban(BanFolder.Prefix(prefix), out string? error) ? null : error;

    internal static bool IsBanned(this BanDesk desk, string client) => desk.Table.IsBanned(BanFolder.Client(client));

    internal static IEnumerable<string> Prefixes(this BanDesk desk) => desk.List().Select(ban => ban.Prefix.ToString());
}
