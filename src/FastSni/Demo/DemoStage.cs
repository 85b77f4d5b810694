using System.Net.Sockets;
using FastSni.Commands;
using FastSni.Hosting;

namespace FastSni.Demo;

/// <summary>
/// Sets the stage in a folder of its own, runs the real gateway on it, and takes everything down at the end. Two backends speak TLS with certificates
/// made on the spot, one plain HTTP; each answers with its own name and the client it was told of.
/// </summary>
internal static class DemoStage
{
    internal static int Run()
    {
        string folder = Directory.CreateTempSubdirectory("fastsni-demo-").FullName;
        try
        {
            using DemoBackend alpha = DemoBackend.StartTls("alpha", "alpha.example.org");
            using DemoBackend beta = DemoBackend.StartTls("beta", "beta.example.net");
            using DemoBackend plain = DemoBackend.StartHttp("plain");
            string config = Path.Combine(folder, "fastsni.ini");
            File.WriteAllText(config, Configuration(alpha.Port, beta.Port, plain.Port));
            return Daemon.Run(config, () => Console.WriteLine(Invitation(config)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Configuration(int alpha, int beta, int plain) =>
        $"""
        [gateway]
        log = stdout
        log-level = warning
        access-log = stdout
        drain-timeout = 1s

        [listen:https]
        address = {(Socket.OSSupportsIPv6 ? "127.0.0.1:8443, [::1]:8443" : "127.0.0.1:8443")}
        mode    = tls

        [listen:plain]
        address        = 127.0.0.1:8081
        mode           = tcp
        backend        = 127.0.0.1:{plain}
        proxy-protocol = v1

        [passthrough:alpha]
        names          = alpha.example.org
        backend        = 127.0.0.1:{alpha}
        proxy-protocol = v2

        [passthrough:beta]
        names          = .beta.example.net
        backend        = 127.0.0.1:{beta}
        proxy-protocol = v1

        [default]
        action         = reject
        no-name-action = reject

        """;

    private static string Invitation(string config) =>
        $"""
        FastSni {VersionCommand.Text} listens on 127.0.0.1:8443 and [::1]:8443 (TLS by server name) and 127.0.0.1:8081 (plain TCP).
        Each backend answers with its name and the client address that the PROXY protocol told it. In another terminal, try:

          curl -k --resolve alpha.example.org:8443:127.0.0.1 https://alpha.example.org:8443/
          curl -k --resolve www.beta.example.net:8443:[::1] https://www.beta.example.net:8443/
          curl http://127.0.0.1:8081/
          curl -k --resolve unknown.example.com:8443:127.0.0.1 https://unknown.example.com:8443/     (refused: unrecognized name)
          {Environment.ProcessPath} explain www.beta.example.net --config {config}

        Sessions appear below as they end. Ctrl+C stops the demo.

        """;
}
