using System.Globalization;
using FastSni.EndToEnd.Harness;

namespace FastSni.EndToEnd.Tests;

/// <summary>check, explain, version, help: what they say, where, and with which exit code.</summary>
public sealed class CommandTests
{
    // Nine lines: what a case adds begins on line 10.
    private const string Sound = """
        [listen:https]
        address = 127.0.0.1:18443
        mode = tls
        [default]
        action = reject
        no-name-action = reject
        [passthrough:a]
        names = a.home.test, *.cloud.home.test
        backend = 192.0.2.1:443

        """;

    [Fact]
    public async Task Check_of_a_sound_file_exits_0_with_nothing_on_standard_error()
    {
        ToolResult result = await FastSniCommand.OverAsync(Sound + "[gateway]\naccess-log = stdout\n", ["check"]);
        result.AssertSuccess();
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task Check_warns_of_a_log_folder_that_is_not_there()
    {
        ToolResult result = await FastSniCommand.OverAsync(Sound + "[gateway]\naccess-log = /no/such/folder/access.log\n", ["check"]);
        result.AssertSuccess();
        Assert.Contains("[gateway] access-log: there is no folder /no/such/folder", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_is_a_pipe_nobody_reads_is_refused_and_not_waited_for()
    {
        string pipe = Path.Combine(Directory.CreateTempSubdirectory("fastsni-e2e-pipe-").FullName, "log");
        (await Tool.RunAsync(Tool.Require("mkfifo"), [pipe])).AssertSuccess();
        ToolResult result = await FastSniCommand.OverAsync($"{Sound}[gateway]\nlog = {pipe}\n", ["run"]);
        Directory.Delete(Path.GetDirectoryName(pipe)!, recursive: true);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"[gateway] log: {pipe}: a file is needed, and this is none", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[gateway]\nworker = 2", 11, "[gateway] worker:")]
    [InlineData("[gateway]\nworkers = 0", 11, "[gateway] workers:")]
    [InlineData("[gateway]\nhello-timeout = 5x", 11, "[gateway] hello-timeout:")]
    [InlineData("[gateway]\nhello-limit = big", 11, "[gateway] hello-limit:")]
    [InlineData("[gateway]\nworkers = 2 ; two", 11, "[gateway] workers:")]
    [InlineData("[passthru:b]\nbackend = 192.0.2.2:443", 10, "[passthru:b]")]
    [InlineData("[passthrough:b]\nnames = b.home.test\nbackend = 192.0.2.2:70000", 12, "[passthrough:b] backend:")]
    [InlineData("[passthrough:b]\nnames = b.home.test\nbackend = 192.0.2.2:443\nproxy-protocol = v3", 13, "[passthrough:b] proxy-protocol:")]
    [InlineData("[passthrough:b]\nnames = b..test\nbackend = 192.0.2.2:443", 11, "[passthrough:b] names:")]
    [InlineData("[passthrough:b]\nnames = A.HOME.test.\nbackend = 192.0.2.2:443", 11, "[passthrough:b] names:")]
    [InlineData("[passthrough:b]\nnames = b.home.test\nbackend = 192.0.2.2:443\nbackend = 192.0.2.3:443", 13, "[passthrough:b] backend:")]
    [InlineData("[passthrough:b]\nnames = b.home.test\nbackend = 192.0.2.2:443\nlisten = nowhere", 13, "[passthrough:b] listen:")]
    [InlineData("[passthrough:b]\nnames-file = missing.txt\nbackend = 192.0.2.2:443", 11, "[passthrough:b] names-file:")]
    [InlineData("[listen:imaps]\naddress = :993\nmode = tls\naction = passthrough:nobody", 13, "[listen:imaps] action:")]
    [InlineData("[listen:imaps]\naddress = somewhere\nmode = tls", 11, "[listen:imaps] address:")]
    [InlineData("[listen:imaps]\naddress = :993\nmode = tls\naccept-proxy = accept", 13, "[listen:imaps] accept-proxy:")]
    [InlineData("[bans]\nfile = bans.txt", 11, "[bans] file:")]
    [InlineData("[admin]\naddress = 127.0.0.1:9180\ntoken-file = missing", 12, "[admin] token-file:")]
    public async Task Check_names_file_line_section_and_key_of_an_error(string added, int line, string place)
    {
        ToolResult result = await FastSniCommand.OverAsync(Sound + added + "\n", ["check"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(result.Error.Split('\n'), one => one.StartsWith("fastsni: ", StringComparison.Ordinal)
            && one.Contains(string.Create(CultureInfo.InvariantCulture, $"fastsni.ini:{line}: {place}"), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[offload:app]\nnames = app.home.test\nbackend = http://192.0.2.2:8080\ncertificate = auto", "certificate")]
    [InlineData("[acme]\nemail = me@home.test", "acme")]
    public async Task Check_says_of_a_room_that_is_not_there_yet_that_it_is_not(string added, string named)
    {
        ToolResult result = await FastSniCommand.OverAsync(Sound + added + "\n", ["check"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(result.Error.Split('\n'), one => one.StartsWith("fastsni: ", StringComparison.Ordinal)
            && one.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_reports_every_error_at_once()
    {
        ToolResult result = await FastSniCommand.OverAsync(
            Sound + "[gateway]\nworker = 2\nhello-timeout = soon\n[passthrough:b]\nbackend = 192.0.2.2:99999\nnames = a.home.test\n", ["check"]);
        Assert.Equal(1, result.ExitCode);
        string[] places = [":11: [gateway] worker:", ":12: [gateway] hello-timeout:", ":14: [passthrough:b] backend:", ":15: [passthrough:b] names:"];
        foreach (string place in places)
            Assert.Contains(place, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_section_given_twice_is_an_error_that_names_both_places()
    {
        ToolResult result = await FastSniCommand.OverAsync(
            Sound, ["check"], ("conf.d/10-more.ini", "[passthrough:a]\nnames = b.home.test\nbackend = 192.0.2.2:443\n"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("10-more.ini:1", result.Error, StringComparison.Ordinal);
        Assert.Contains("fastsni.ini:7", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_in_conf_d_add_sections_and_continue_the_gateways()
    {
        (string, string)[] beside =
        [
            ("conf.d/20-b.ini", "[passthrough:b]\nnames = b.home.test\nbackend = 192.0.2.22:443\n[gateway]\nworkers = 2\n"),
            ("conf.d/ignored.txt", "not an ini file at all\n"),
        ];
        (await FastSniCommand.OverAsync(Sound, ["check"], beside)).AssertSuccess();
        ToolResult result = await FastSniCommand.OverAsync(Sound, ["explain", "b.home.test"], beside);
        result.AssertSuccess();
        Assert.Contains("192.0.2.22:443", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.home.test", "passthrough:a", "192.0.2.1:443")]
    [InlineData("A.Home.TEST.", "passthrough:a", "192.0.2.1:443")]
    [InlineData("deep.below.cloud.home.test", "*.cloud.home.test", "192.0.2.1:443")]
    [InlineData("cloud.home.test", "reject", "")]
    [InlineData("nobody.home.test", "reject", "")]
    public async Task Explain_says_which_route_a_name_takes_and_to_which_backend(string name, string why, string backend)
    {
        ToolResult result = await FastSniCommand.OverAsync(Sound, ["explain", name]);
        result.AssertSuccess();
        Assert.Contains(why, result.Output, StringComparison.Ordinal);
        Assert.Contains(backend, result.Output, StringComparison.Ordinal);
        Assert.Equal(backend.Length == 0, !result.Output.Contains("192.0.2.1:443", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Explain_with_a_port_answers_for_the_listener_there()
    {
        const string Added = """
            [listen:imaps]
            address = 127.0.0.1:1993
            mode = tls
            [passthrough:mail]
            names = mail.home.test
            backend = 192.0.2.9
            listen = imaps
            """;
        ToolResult imaps = await FastSniCommand.OverAsync(Sound + Added, ["explain", "mail.home.test", "--port", "1993", "--alpn", "imap"]);
        imaps.AssertSuccess();
        Assert.Contains("passthrough:mail", imaps.Output, StringComparison.Ordinal);
        Assert.Contains("192.0.2.9", imaps.Output, StringComparison.Ordinal);
        ToolResult https = await FastSniCommand.OverAsync(Sound + Added, ["explain", "mail.home.test", "--port", "18443"]);
        https.AssertSuccess();
        Assert.DoesNotContain("passthrough:mail", https.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("18443", "/", "offload:site", "http://192.0.2.5:80")]
    [InlineData("18443", "/files/x?y", "offload:files", "h2c://192.0.2.6:80")]
    [InlineData("18443", "/filesystem", "offload:site", "http://192.0.2.5:80")]
    [InlineData("18080", "/files/x?y", "redirect", "https://site.home.test:18443/files/x?y")]
    [InlineData("18080", "/.well-known/acme-challenge/token", "acme", "/var/lib/fastsni/acme/token")]
    public async Task Explain_follows_the_path_of_a_request(string port, string path, string route, string answer)
    {
        const string Added = """
            [listen:http]
            address = 127.0.0.1:18080
            mode = http
            [offload:site]
            names = site.home.test
            backend = http://192.0.2.5
            [offload:files]
            names = site.home.test
            path = /files
            backend = h2c://192.0.2.6

            """;
        ToolResult result = await FastSniCommand.OverAsync(Sound + Added, ["explain", "site.home.test", "--port", port, "--path", path]);
        result.AssertSuccess();
        Assert.Matches($@"(?m)^route +{route}$", result.Output);
        Assert.Contains(answer, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_is_one_line_with_a_number()
    {
        ToolResult result = await FastSniCommand.RunAsync("version");
        result.AssertSuccess();
        Assert.Matches(@"^fastsni \d+\.\d+\.\d+\S*\n$", result.Output);
    }

    [Fact]
    public async Task Help_lists_the_commands_and_each_has_an_example()
    {
        ToolResult all = await FastSniCommand.RunAsync("help");
        all.AssertSuccess();
        foreach (string command in new[] { "run", "check", "explain", "demo", "status", "sessions", "close", "reload", "upgrade", "drain", "undrain", "ban", "unban", "bans", "version", "help" })
        {
            Assert.Contains(command, all.Output, StringComparison.Ordinal);
            ToolResult one = await FastSniCommand.RunAsync("help", command);
            one.AssertSuccess();
            Assert.Contains($"fastsni {command}", one.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("check --frobnicate")]
    [InlineData("run --config")]
    [InlineData("explain")]
    [InlineData("explain a.home.test b.home.test")]
    [InlineData("explain a.home.test --port many")]
    [InlineData("help frobnicate")]
    [InlineData("close")]
    [InlineData("close many")]
    [InlineData("drain")]
    [InlineData("ban")]
    [InlineData("ban 192.0.2.7 192.0.2.8")]
    public async Task Wrong_usage_exits_2_and_says_so_on_standard_error(string arguments)
    {
        ToolResult result = await FastSniCommand.RunAsync(arguments.Split(' '));
        Assert.Equal(2, result.ExitCode);
        Assert.NotEqual("", result.Error);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("bans --json")]
    [InlineData("ban 192.0.2.7 --for 1h")]
    [InlineData("drain a")]
    public async Task Without_a_gateway_there_commands_exit_3_and_name_the_socket(string arguments)
    {
        ToolResult result = await FastSniCommand.OverAsync(Sound + "[admin]\nsocket = /nonexistent/control.sock\n", arguments.Split(' '));
        Assert.Equal(3, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.StartsWith("fastsni: /nonexistent/control.sock: there is no such socket", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_can_not_be_read_does_not_keep_a_command_from_asking()
    {
        ToolResult result = await FastSniCommand.RunAsync("status", "--config", "/nonexistent/fastsni.ini", "--socket", "/nonexistent/control.sock");
        Assert.Equal(3, result.ExitCode);
        Assert.StartsWith("fastsni: /nonexistent/control.sock:", result.Error, StringComparison.Ordinal);
        result = await FastSniCommand.OverAsync("[gatway]\n[admin]\nsocket = /nonexistent/control.sock\n", ["status"]);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("(asking at /nonexistent/control.sock)", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_an_error_that_names_it()
    {
        ToolResult result = await FastSniCommand.RunAsync("check", "--config", "/nonexistent/fastsni.ini");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("fastsni: /nonexistent/fastsni.ini:", result.Error, StringComparison.Ordinal);
    }
}
