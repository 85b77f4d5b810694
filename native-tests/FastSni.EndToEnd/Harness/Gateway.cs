using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace FastSni.EndToEnd.Harness;

/// <summary>A running gateway with a directory of its own.</summary>
internal sealed partial class Gateway : IAsyncDisposable
{
    private const string InstalledName = "fastsni";

    private readonly Process _process;
    private bool _isGuest;

    private Gateway(Process process, string directory, GatewayConfig config)
    {
        _process = process;
        Directory = directory;
        Config = config;
        Log = new ProgramLog(process);
        AccessLog = new AccessLog(Path.Combine(directory, "access.log"), this);
        Facts = new ProcessFacts(process.Id);
    }

    public GatewayConfig Config { get; private set; }

    public string Directory { get; }

    public string ConfigPath => Path.Combine(Directory, "fastsni.ini");

    public ProgramLog Log { get; }

    public AccessLog AccessLog { get; }

    public ProcessFacts Facts { get; }

    public int ProcessId => _process.Id;

    /// <summary>The process that takes clients: the one that was started, or its last successor.</summary>
    public int ServingId => Log.Lines.Select(line => Serves().Match(line)).LastOrDefault(match => match.Success) is { } last
        ? int.Parse(last.Groups[1].Value, CultureInfo.InvariantCulture)
        : _process.Id;

    /// <summary>What the process that takes clients holds.</summary>
    public ProcessFacts ServingFacts => new(ServingId);

    public bool IsAlive => !_process.HasExited;

    /// <summary>Where the listener called https is.</summary>
    public IPEndPoint Https => Config.EndPoint("https");

    /// <param name="prepare">Is given the directory before the start, to put files there that the configuration names.</param>
    public static Task<Gateway> StartAsync(
        GatewayConfig config, Action<string>? prepare = null, params (string Name, string Value)[] environment) =>
        StartAsync(config, GatewayBinary.Path, System.IO.Directory.CreateTempSubdirectory("fastsni-e2e-").FullName, prepare, environment);

    /// <summary>Runs in a network of its own, whose clients have addresses that may be banned.</summary>
    public static Task<Gateway> StartAsync(GatewayConfig config, GatewayNetwork network, Action<string>? prepare = null) =>
        StartAsync(config, GatewayBinary.Path, System.IO.Directory.CreateTempSubdirectory("fastsni-e2e-").FullName, prepare, [], network.Entry);

    /// <summary>Runs a copy of the program that a test may replace.</summary>
    public static Task<Gateway> StartInstalledAsync(GatewayConfig config, params (string Name, string Value)[] environment)
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("fastsni-e2e-").FullName;
        Install(GatewayBinary.Path, directory);
        return StartAsync(config, Path.Combine(directory, InstalledName), directory, prepare: null, environment);
    }

    /// <summary>Starts where another one has left its files; the other goes on owning the directory.</summary>
    public static async Task<Gateway> StartInAsync(string directory, GatewayConfig config)
    {
        Gateway gateway = await StartAsync(config, GatewayBinary.Path, directory, prepare: null, []);
        gateway._isGuest = true;
        return gateway;
    }

    /// <summary>Started by another program, which becomes it: its arguments come behind these.</summary>
    /// <param name="whenStarted">Is done before the gateway is ready.</param>
    public static async Task<Gateway> StartByAsync(GatewayConfig config, string[] starter, Func<Task> whenStarted)
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("fastsni-e2e-").FullName, path = Path.Combine(directory, "fastsni.ini");
        Install(GatewayBinary.Path, directory);
        await File.WriteAllTextAsync(path, config.Text(directory));
        ProcessStartInfo start = new(starter[0], [.. starter[1..], Path.Combine(directory, InstalledName), "run", "--config", path]);
        return await StartAsync(start, directory, config, whenStarted);
    }

    /// <summary>Runs a copy of the program under another one that becomes it (exec), such as prlimit.</summary>
    /// <param name="under">The words before the program's own, made for the directory.</param>
    public static Task<Gateway> StartUnderAsync(GatewayConfig config, Func<string, string[]> under, Action<string>? prepare = null)
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("fastsni-e2e-").FullName;
        Install(GatewayBinary.Path, directory);
        return StartAsync(config, Path.Combine(directory, InstalledName), directory, prepare, [], under(directory));
    }

    private static async Task<Gateway> StartAsync(
        GatewayConfig config, string binary, string directory, Action<string>? prepare, (string Name, string Value)[] environment, string[]? under = null)
    {
        prepare?.Invoke(directory);
        string path = Path.Combine(directory, "fastsni.ini");
        await File.WriteAllTextAsync(path, config.Text(directory));
        string[] line = [.. under ?? [], binary, "run", "--config", path];
        ProcessStartInfo start = new(line[0], line[1..]);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return await StartAsync(start, directory, config, whenStarted: () => Task.CompletedTask);
    }

    private static async Task<Gateway> StartAsync(ProcessStartInfo start, string directory, GatewayConfig config, Func<Task> whenStarted)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        Gateway gateway = new(Process.Start(start)!, directory, config);
        try
        {
            await whenStarted();
            await Patience.UntilAsync(gateway.IsReadyOrGone, () => $"the gateway to be ready\n{gateway.Log.Tail}");
            Assert.True(gateway.IsAlive, $"the gateway left at its start:\n{gateway.Log.Tail}\n{config.Text(directory)}");
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>To the process that takes clients.</summary>
    public void Send(Signal signal) => Posix.Send(signal, ServingId);

    /// <summary>One of the program's commands over the control socket, such as `reload`.</summary>
    public Task<ToolResult> CommandAsync(params string[] words) => FastSniCommand.RunAsync([.. words, "--config", ConfigPath]);

    /// <summary>Replaces the program on disk as a package does: the new file takes the old one's name.</summary>
    public void Install(string program) => Install(program, Directory);

    /// <summary>Replaces the program by a script, which is started with the gateway's arguments.</summary>
    public void InstallScript(string text)
    {
        string script = Path.Combine(Directory, "script");
        File.WriteAllText(script, $"#!/bin/bash\n{text}\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Install(script);
    }

    /// <summary>Asks the process that serves for an upgrade, and waits until its successor does.</summary>
    public async Task UpgradeAsync()
    {
        int before = ServingId;
        Send(Signal.User2);
        await Patience.UntilAsync(() => ServingId != before, () => $"the successor to serve\n{Log.Tail}");
    }

    /// <summary>Writes the file anew and asks for a reload. Whether and when it took effect is for the test to see from outside.</summary>
    public async Task ReloadAsync(GatewayConfig config)
    {
        Config = config;
        await ReloadAsync(config.Text(Directory));
    }

    public async Task ReloadAsync(string text)
    {
        await File.WriteAllTextAsync(ConfigPath, text);
        Send(Signal.Hangup);
    }

    /// <summary>Waits until the program has left; its exit code.</summary>
    public async Task<int> ExitAsync(TimeSpan? within = null)
    {
        await Patience.UntilAsync(() => _process.HasExited, () => $"the gateway to leave\n{Log.Tail}", within);
        // Its last lines; where a successor may hold the output, too, they come without an end.
        if (!Log.Lines.Any(Started().IsMatch))
            await _process.WaitForExitAsync().Within("the last lines", within);
        return _process.ExitCode;
    }

    public Task<TestClient> ConnectAsync(IPAddress? from = null) => TestClient.ConnectAsync(Https, from);

    /// <summary>One whole question: a new client says hello for the name and gives back the answer, its own endpoint left out.</summary>
    public async Task<string> AskAsync(string serverName, IPEndPoint? listener = null, IPAddress? from = null)
    {
        using TestClient client = await TestClient.ConnectAsync(listener ?? Https, from);
        return (await client.AskAsync(serverName)).Replace($" {client.LocalEndPoint}", "", StringComparison.Ordinal);
    }

    public void AssertAlive() => Assert.True(IsAlive, $"the gateway has left:\n{Log.Tail}");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        // They hold the standard output, whose end is waited for below. The log has their ids; that one is ours still, its arguments say.
        foreach (Match started in Log.Lines.Select(line => Started().Match(line)).Where(match => match.Success))
            EndIfOurs(int.Parse(started.Groups[1].Value, CultureInfo.InvariantCulture));
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (!_isGuest)
            System.IO.Directory.Delete(Directory, recursive: true);
    }

    private void EndIfOurs(int id)
    {
        try
        {
            if (File.ReadAllText($"/proc/{id}/cmdline").Contains(ConfigPath, StringComparison.Ordinal))
                Posix.Send(Signal.Kill, id);
        }
        catch (Exception gone) when (gone is IOException or System.ComponentModel.Win32Exception)
        {
            // It has left by itself.
        }
    }

    private static void Install(string program, string directory)
    {
        string fresh = Path.Combine(directory, "fastsni.new");
        File.Copy(program, fresh);
        File.Move(fresh, Path.Combine(directory, InstalledName), overwrite: true);
    }

    private bool IsReadyOrGone() => _process.HasExited || Log.Lines.Any(line => line.Contains("ready", StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex("upgrade: process ([0-9]+) serves")]
    private static partial Regex Serves();

    [GeneratedRegex("upgrade: .* runs as process ([0-9]+) ")]
    private static partial Regex Started();
}
