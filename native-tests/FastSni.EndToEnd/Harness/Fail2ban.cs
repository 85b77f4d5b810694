using System.Diagnostics;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// Debian's fail2ban with the shipped filters, actions and jails: its server in the foreground, with socket, pid file and configuration in a directory of its
/// own and no database.
/// </summary>
internal sealed class Fail2ban : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastsni-e2e-fail2ban-").FullName;
    private Process? _process;
    private ProgramLog? _log;

    private Fail2ban()
    {
    }

    public static string Shipped => Path.Combine(GatewayBinary.RepositoryRoot, "config", "fail2ban");

    /// <summary>What the server has said.</summary>
    public IReadOnlyCollection<string> Log => _log!.Lines;

    public string Tail => _log!.Tail;

    public string PathOf(string file) => Path.Combine(_directory, file);

    /// <summary>The addresses that a shipped filter finds in a log, in the order of their lines, as the real fail2ban-regex reads it.</summary>
    /// <param name="filter">`fastsni`, `fastsni-http[mode=auth]`.</param>
    public static async Task<string[]> FindAsync(string filter, string logPath)
    {
        // Against UTF-8 and Latin-1 alike: the log is ASCII.
        ToolResult result = await Tool.RunAsync(
            Tool.Require("fail2ban-regex"), ["--config", Shipped, "--usedns", "no", "--out", "<ip> <time>", logPath, filter], within: Patience.BulkLimit);
        result.AssertSuccess();
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <param name="jails">What stands in jail.local over the shipped jails; `{0}` is the directory.</param>
    public static async Task<Fail2ban> StartAsync(string jails)
    {
        string server = Tool.Require("fail2ban-server");
        Fail2ban fail2ban = new();
        foreach (string file in Directory.EnumerateFiles(Shipped, "*.conf", SearchOption.AllDirectories))
        {
            string copy = fail2ban.PathOf(Path.GetRelativePath(Shipped, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        await File.WriteAllTextAsync(fail2ban.PathOf("fail2ban.conf"), fail2ban.Options());
        await File.WriteAllTextAsync(fail2ban.PathOf("jail.conf"), "[DEFAULT]\nignoreip =\n");
        await File.WriteAllTextAsync(fail2ban.PathOf("jail.local"), jails.Replace("{0}", fail2ban._directory, StringComparison.Ordinal));
        await File.WriteAllTextAsync(fail2ban.PathOf("access.log"), "");
        fail2ban._process = Process.Start(
            new ProcessStartInfo(server, ["-c", fail2ban._directory, "-f", "start"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        fail2ban._log = new ProgramLog(fail2ban._process);
        try
        {
            await fail2ban.HearAsync("Server ready");
            return fail2ban;
        }
        catch
        {
            await fail2ban.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the server has said this.</summary>
    public async Task HearAsync(string text)
    {
        await Patience.UntilAsync(
            () => _process!.HasExited || Log.Any(line => line.Contains(text, StringComparison.Ordinal)), () => $"fail2ban to say '{text}'\n{_log!.Tail}", Patience.BulkLimit);
        Assert.False(_process!.HasExited, $"fail2ban has left:\n{_log!.Tail}");
    }

    public async Task AskAsync(params string[] command) => (await Tool.RunAsync(
        Tool.Require("fail2ban-client"), ["-c", _directory, .. command], within: Patience.BulkLimit)).AssertSuccess();

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            _process.Kill();
        if (_process is not null)
            await _process.WaitForExitAsync();
        _process?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private string Options() => $"""
        [Definition]
        loglevel = INFO
        logtarget = STDOUT
        syslogsocket = auto
        socket = {_directory}/fail2ban.sock
        pidfile = {_directory}/fail2ban.pid
        dbfile = None
        dbpurgeage = 1d
        dbmaxmatches = 10

        """;
}
