using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace FastSni.EndToEnd.Harness;

/// <summary>A real server of the system, run in the foreground with a directory of its own and ended by its own id.</summary>
internal abstract class Daemon : IAsyncDisposable
{
    private Process? _process;
    private ProgramLog? _log;

    protected Daemon()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("fastsni-e2e-peer-").FullName;
        // A root-run server may serve as somebody else.
        File.SetUnixFileMode(Directory, (UnixFileMode)0x1FF);
    }

    public string Directory { get; }

    /// <summary>What it listens on for the gateway, with PROXY, over IPv4 and over IPv6.</summary>
    public IPEndPoint V4 { get; } = Loopback.NextV4();

    public IPEndPoint V6 { get; } = Loopback.NextV6();

    public int ProcessId => _process!.Id;

    public IPEndPoint EndPoint(AddressFamily family) => family == AddressFamily.InterNetwork ? V4 : V6;

    protected async Task RunAsync(string path, params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _log = new ProgramLog(_process);
        await Patience.UntilAsync(
            async () => _process.HasExited || (await IsListeningAsync(V4) && await IsListeningAsync(V6)), () => $"{path} to listen\n{_log.Tail}");
        Assert.False(_process.HasExited, $"{path} left at its start:\n{_log.Tail}");
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            _process.Kill();
        if (_process is not null)
            await _process.WaitForExitAsync();
        _process?.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static async Task<bool> IsListeningAsync(IPEndPoint endPoint)
    {
        using Socket probe = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await probe.ConnectAsync(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
