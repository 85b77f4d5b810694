using System.Diagnostics;
using System.Globalization;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Offload;

/// <summary>openssl s_client, which says what it sees and keeps sessions in files.</summary>
internal static class OpenSslClient
{
    /// <summary>Connects, reads until the server ends, and returns everything it printed.</summary>
    internal static async Task<string> RunAsync(int port, params string[] arguments)
    {
        Skip.IfNot((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, "openssl"))), "openssl is not installed");
        using Process client = Process.Start(new ProcessStartInfo("openssl",
            ["s_client", "-connect", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "-servername", "site.example.org", "-ign_eof", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        client.StandardInput.Close();
        using CancellationTokenSource patience = new(Loopback.Patience);
        try
        {
            Task<string> output = client.StandardOutput.ReadToEndAsync(patience.Token), errors = client.StandardError.ReadToEndAsync(patience.Token);
            await client.WaitForExitAsync(patience.Token);
            return await output + await errors;
        }
        finally
        {
            client.Kill();
        }
    }
}
