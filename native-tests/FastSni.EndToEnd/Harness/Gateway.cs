using System.Diagnostics;
using System.Net;

namespace FastSni.EndToEnd.Harness;

/// <summary>A running gateway with a directory of its own.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    private const string InstalledName = "fastsni";

    private readonly Process _process;
    private readonly List<int> _successors = [];

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
    public int ServingId => _successors.Count > 0 ? _successors[^1] : _process.Id;

    public bool IsAlive => !_process.HasExited;

    /// <summary>Where the listener called https is.</summary>
    public IPEndPoint Https => Config.EndPoint("https");

    /// <param name="prepare">Is given the directory before the start, to put files there that the configuration names.</param>
    public static Task<Gateway> StartAsync(
        GatewayConfig config, Action<string>? prepare = null, params (string Name, string Value)[] environment) =>
        StartAsync(config, GatewayBinary.Path, System.IO.Directory.CreateTempSubdirectory("fastsni-e2e-").FullName, prepare, environment);

    /// <summary>Runs a copy of the program that a test may replace.</summary>
    public static Task<Gateway> StartInstalledAsync(GatewayConfig config)
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("fastsni-e2e-").FullName;
        Install(GatewayBinary.Path, directory);
        return StartAsync(config, Path.Combine(directory, InstalledName), directory, prepare: null, []);
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
        string[] words = [.. under ?? [], binary, "run", "--config", path];
        ProcessStartInfo start = new(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        Gateway gateway = new(Process.Start(start)!, directory, config);
        try
        {
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

    public void Send(Signal signal) => Posix.Send(signal, _process.Id);

    /// <summary>Replaces the program on disk as a package does: the new file takes the old one's name.</summary>
    public void Install(string program) => Install(program, Directory);

    /// <summary>Asks the process that serves for an upgrade, and waits until its successor does.</summary>
    public async Task UpgradeAsync()
    {
        int successor = 0;
        Posix.Send(Signal.User2, ServingId);
        await Log.LineAsync(line => line.Split("upgrade: process ") is [_, var rest]
            && int.TryParse(rest.Split(' ')[0], out successor) && !_successors.Contains(successor), "the successor serves");
        _successors.Add(successor);
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
        await _process.WaitForExitAsync().Within($"the gateway to leave\n{Log.Tail}", within);
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
        // They hold the standard output, whose end is waited for below.
        foreach (int successor in _successors.Where(id => System.IO.Directory.Exists($"/proc/{id}")))
            Posix.Send(Signal.Kill, successor);
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static void Install(string program, string directory)
    {
        string fresh = Path.Combine(directory, "fastsni.new");
        File.Copy(program, fresh);
        File.Move(fresh, Path.Combine(directory, InstalledName), overwrite: true);
    }

    private bool IsReadyOrGone() => _process.HasExited || Log.Lines.Any(line => line.Contains("ready", StringComparison.OrdinalIgnoreCase));
}
