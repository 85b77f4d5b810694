using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FastSni.EndToEnd.Harness;

/// <summary>curl, which connects to the gateway whatever the URL's name and verifies the backend's own certificate.</summary>
internal static class Curl
{
    public static Task<ToolResult> RunAsync(string serverName, string path, IPEndPoint gateway, params string[] more)
    {
        string host = gateway.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{gateway.Address}]" : gateway.Address.ToString();
        return Tool.RunAsync(Tool.Require("curl"),
        [
            "--silent", "--show-error", "--max-time", Scale.IsLong ? "300" : "80", "--cacert", TestCertificates.Shared.AuthorityPath,
            "--resolve", string.Create(CultureInfo.InvariantCulture, $"{serverName}:{gateway.Port}:{host}"),
            .. more,
            string.Create(CultureInfo.InvariantCulture, $"https://{serverName}:{gateway.Port}{path}"),
        ], within: Patience.BulkLimit);
    }

    /// <summary>
    /// Asks for "/" and returns the body with curl's own local address behind it: "nginx-a ADDRESS PORT | ADDRESS PORT HTTP-VERSION".
    /// </summary>
    public static async Task<(string Body, string LocalAddress, string LocalPort, string HttpVersion)> AskAsync(
        string serverName, IPEndPoint gateway, params string[] more)
    {
        ToolResult result = await RunAsync(serverName, "/", gateway, ["--write-out", "%{local_ip} %{local_port} %{http_version}", .. more]);
        result.AssertSuccess();
        string[] lines = result.Output.TrimEnd().Split('\n');
        string[] self = lines[^1].Split(' ');
        return (string.Join('\n', lines[..^1]), self[0], self[1], self[2]);
    }
}

/// <summary>openssl s_client, speaking HTTP/1.1 by hand.</summary>
internal static class OpenSslClient
{
    public static async Task<string> AskAsync(string serverName, IPEndPoint gateway, string wanted, params string[] more) => await Tool.ConverseAsync(
        Tool.Require("openssl"),
        [
            "s_client", "-quiet", "-connect", gateway.ToString(), "-servername", serverName,
            "-CAfile", TestCertificates.Shared.AuthorityPath, "-verify_return_error", .. more,
        ],
        $"GET / HTTP/1.1\r\nHost: {serverName}\r\nConnection: close\r\n\r\n",
        wanted);
}

/// <summary>openssl s_client as at a terminal, where a line of one letter is a command.</summary>
internal sealed class OpenSslTerminal : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ProgramLog _log;

    public OpenSslTerminal(string serverName, IPEndPoint gateway, params string[] more)
    {
        string[] arguments =
            ["s_client", "-connect", gateway.ToString(), "-servername", serverName, "-CAfile", TestCertificates.Shared.AuthorityPath, .. more];
        _process = Process.Start(new ProcessStartInfo(Tool.Require("openssl"), arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        _log = new ProgramLog(_process);
    }

    public bool HasEnded => _process.HasExited;

    public int CountOf(string text) => _log.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));

    public Task HearAsync(string text, int times = 1) =>
        Patience.UntilAsync(() => CountOf(text) >= times, () => $"openssl to say '{text}' {times} times\n{_log.Tail}");

    public async Task SayAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

/// <summary>gnutls-cli, the same way; it has no option for a source address.</summary>
internal static class GnutlsClient
{
    public static async Task<string> AskAsync(string serverName, IPEndPoint gateway, string wanted, string priority) => await Tool.ConverseAsync(
        Tool.Require("gnutls-cli"),
        [
            "--port", gateway.Port.ToString(CultureInfo.InvariantCulture), "--sni-hostname", serverName, "--verify-hostname", serverName,
            "--x509cafile", TestCertificates.Shared.AuthorityPath, "--priority", priority, gateway.Address.ToString(),
        ],
        $"GET / HTTP/1.1\r\nHost: {serverName}\r\nConnection: close\r\n\r\n",
        wanted);
}
