using System.Text;
using System.Text.RegularExpressions;
using FastSni.EndToEnd.Harness;
using Xunit.Abstractions;

namespace FastSni.EndToEnd.Tests;

/// <summary>A hundred broken configurations: a reload is refused with the place named and the old one serves; a start with one fails.</summary>
[Collection(Alone.Name)]
public sealed partial class BrokenFileTests(ITestOutputHelper output)
{
    private static readonly string[] Additions =
    [
        "[gateway]\nworkers = 0", "[gateway]\nworkers = -1", "[gateway]\nworkers = many", "[gateway]\nworker = 2", "[gateway]\nhello-timeout = 5x",
        "[gateway]\nhello-timeout = -5s", "[gateway]\nhello-limit = 1", "[gateway]\nhello-limit = 64 apples", "[gateway]\ndrain-timeout =", "[gateway]\nlog-level = loud",
        "[gateway]\naccess-log-format = xml", "[gateway]\ntrusted-proxies = 300.0.0.1", "[gateway]\ntrusted-proxies = 10.0.0.0/40", "[gateway]\nresolve-interval = never",
        "[gateway]\nmax-connections = lots", "[gateway]\nidle-timeout = 1h ; an hour", "[gateway]\nidle-timeout = 1h\nidle-timeout = 2h", "[gateway\nidle-timeout = 1h",
        "[gatway]\nworkers = 1", "[]\nx = y", "[:]\nx = y", "[listen:]\naddress = 127.0.0.1:1\nmode = tls", "[listen:b]\nmode = tls", "[listen:b]\naddress = 127.0.0.1:9",
        "[listen:b]\naddress = 127.0.0.1:9\nmode = quic", "[listen:b]\naddress = 127.0.0.1:9\nmode = ssh", "[listen:b]\naddress = 127.0.0.1:70000\nmode = tls",
        "[listen:b]\naddress = somewhere\nmode = tls", "[listen:b]\naddress = 127.0.0.1:9\nmode = tcp", "[listen:b]\naddress = 127.0.0.1:9\nmode = tls\naccept-proxy = require",
        "[listen:b]\naddress = 127.0.0.1:9\nmode = tls\naccept-proxy = maybe", "[listen:https]\naddress = 127.0.0.1:9\nmode = tls",
        "[passthrough:b]\nnames = b.test", "[passthrough:b]\nbackend = 192.0.2.1:443", "[passthrough:b]\nnames = b.test\nbackend = 192.0.2.1:0",
        "[passthrough:b]\nnames = b.test\nbackend = 192.0.2.1:70000", "[passthrough:b]\nnames = b.test\nbackend = 192.0.2.1:https", "[passthrough:b]\nnames = b.test\nbackend = ::1:443:x",
        "[passthrough:b]\nnames = b..test\nbackend = 192.0.2.1", "[passthrough:b]\nnames = *.*.test\nbackend = 192.0.2.1", "[passthrough:b]\nnames = a b\nbackend = 192.0.2.1",
        "[passthrough:b]\nnames = a.home.test\nbackend = 192.0.2.1", "[passthrough:b]\nnames = A.HOME.TEST.\nbackend = 192.0.2.1", "[passthrough:a]\nnames = b.test\nbackend = 192.0.2.1",
        "[passthrough:b]\nnames = b.test\nbackend = 192.0.2.1\nproxy-protocol = v3", "[passthrough:b]\nnames = b.test\nbackend = 192.0.2.1\nproxy-tlv = everything",
        "[passthrough:b]\nnames = b.test\nbackend = 192.0.2.1\nbalance = fair", "[passthrough:b]\nnames = b.test\nbackend = 192.0.2.1\nhealth-check = doctor",
        "[passthrough:b]\nnames = b.test\nbackend = 192.0.2.1\nsource-address = client", "[passthrough:b]\nnames = b.test\nbackend = 192.0.2.1\nlisten = nowhere",
        "[passthrough:b]\nnames-file = no/such/file\nbackend = 192.0.2.1", "[passthrough:b]\nnames = b.test\nbackend = http://192.0.2.1", "[offload:b]\nnames = b.test",
        "[offload:b]\nnames = b.test\nbackend = 192.0.2.1\ncertificate = auto", "[offload:b]\nnames = b.test\nbackend = http://192.0.2.1/path\ncertificate = CRT\ncertificate-key = KEY",
        "[offload:b]\nnames = b.test\nbackend = http://192.0.2.1\ncertificate = /no/such.crt\ncertificate-key = KEY", "[offload:b]\nnames = b.test\nbackend = http://192.0.2.1\ncertificate = CRT\ncertificate-key = /no/such.key",
        "[offload:b]\nnames = b.test\nbackend = http://192.0.2.1\ncertificate = KEY\ncertificate-key = KEY", "[offload:b]\nnames = b.test\nbackend = http://192.0.2.1\ncertificate = CRT\ncertificate-key = CRT",
        "[offload:b]\nnames = b.test\nbackend = ftp://192.0.2.1\ncertificate = CRT\ncertificate-key = KEY", "[offload:b]\nnames = b.test\nbackend = http://192.0.2.1\ncertificate = CRT\ncertificate-key = KEY\nhsts = long",
        "[offload:b]\nnames = b.test\nbackend = http://192.0.2.1\ncertificate = CRT\ncertificate-key = KEY\npath = x", "[offload:b]\nnames = b.test\nbackend = http://192.0.2.1\ncertificate = CRT\ncertificate-key = KEY\nclient-ca = /no/such.pem",
        "[offload:b]\nnames = b.test\nbackend = http://192.0.2.1\ncertificate = CRT\ncertificate-key = KEY\nmax-body = -1", "[offload:b]\nnames = b.test\nbackend = http://192.0.2.1\ncertificate = CRT\ncertificate-key = KEY\nmax-streams = 0",
        "[offload:b]\nnames = b.test\nbackend = http://192.0.2.1\ncertificate = CRT\ncertificate-key = KEY\nheader.X = a ; b", "[default]\naction = perhaps", "[default]\nno-name-action = passthrough:nobody",
        "[default]\nnot-tls-action = offload", "[default]\nstatus = 99", "[bans]\nnever = everybody", "[admin]\naddress = 1.2.3.4.5:1", "[admin]\nallow = all", "[admin]\nsocket = a\nsocket = b",
        "just some words", "= value", "key", "[nothing:known]\nkey = value", "\0\u0001\u0002\u00ff", "\u00fe\u00ff\u0000[\u0000g", "[passthrough:b", "]", "[[passthrough:b]]\nnames = b.test",
        "names = outside", "[gateway]\nworkers = 99999999999999999999", "[gateway]\n\u00e9 = 1",
    ];

    [Fact]
    public async Task A_hundred_broken_files_are_refused_with_their_place_and_the_old_configuration_serves()
    {
        using TestBackend backend = TestBackend.Start("a");
        IssuedCertificate certificate = TestCertificates.Shared.Authority.Issue("b.test");
        GatewayConfig config = GatewayConfig.Https().Passthrough("a", "a.home.test", backend);
        await using Gateway gateway = await Gateway.StartAsync(config);
        string sound = config.Text(gateway.Directory), file = Path.Combine(gateway.Directory, "broken.ini");
        byte[][] variants =
        [
            .. Additions.Select(addition => Encoding.Latin1.GetBytes(
                $"{sound}\n{addition.Replace("CRT", certificate.CertificatePath, StringComparison.Ordinal).Replace("KEY", certificate.KeyPath, StringComparison.Ordinal)}\n")),
            .. Enumerable.Range(1, 19).Select(part => Encoding.Latin1.GetBytes(sound)[..(sound.Length * part / 20)]),
        ];
        List<string> wrong = [];
        int refused = 0;
        foreach (byte[] variant in variants)
        {
            string tail = Encoding.Latin1.GetString(variant)[Math.Max(0, Math.Min(sound.Length, variant.Length - 40))..];
            await File.WriteAllBytesAsync(file, variant);
            // What a truncation left over may be a whole configuration: check, which starts nothing, is the judge.
            bool isTruncated = variant.Length < sound.Length;
            ToolResult check = await FastSniCommand.RunAsync("check", "--config", file);
            if (isTruncated && check.ExitCode == 0)
                continue;
            refused++;
            await File.WriteAllBytesAsync(gateway.ConfigPath, variant);
            ToolResult reload = await FastSniCommand.RunAsync("reload", "--socket", Path.Combine(gateway.Directory, "control.sock"));
            if (reload.ExitCode != 1 || check.ExitCode != 1 || !Place().IsMatch(reload.Error))
                wrong.Add($"{tail}\n  -> reload {reload.ExitCode}, check {check.ExitCode}: {reload.Error}");
            if (await gateway.AskAsync("a.home.test") is not "a" and var answer)
                wrong.Add($"{tail}\n  -> the old configuration answers {answer}");
        }
        output.WriteLine($"{variants.Length} variants, {refused} refused");
        Assert.True(wrong.Count == 0, $"{wrong.Count}:\n{string.Join('\n', wrong)}");
        Assert.InRange(refused, 90, variants.Length);

        // And a start: a few of every kind do, each is a process.
        foreach (byte[] variant in variants.Where((_, index) => index % Scale.Of(9, 1) == 0 && index < Additions.Length))
        {
            await File.WriteAllBytesAsync(file, variant);
            ToolResult run = await FastSniCommand.RunAsync("run", "--config", file);
            Assert.Equal(1, run.ExitCode);
            Assert.Matches(Place(), run.Error);
        }
        await gateway.ReloadAsync(config.Set("passthrough:a", "names", "a.home.test, mended.home.test"));
        await Patience.UntilAsync(async () => await gateway.AskAsync("mended.home.test") == "a", () => $"the mended file\n{gateway.Log.Tail}");
    }

    [GeneratedRegex(@"\.ini:\d+: ")]
    private static partial Regex Place();
}
