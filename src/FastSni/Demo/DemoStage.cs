using System.Net.Sockets;
using FastSni.Commands;
using FastSni.Hosting;

namespace FastSni.Demo;

/// <summary>
/// Sets the stage in a folder of its own, runs the real gateway on it, and takes everything down at the end. Every room has a backend: two speak TLS with
/// certificates made on the spot, the others HTTP; each answers with its own name and the client it was told of.
/// </summary>
internal static class DemoStage
{
    internal static int Run()
    {
        string folder = Directory.CreateTempSubdirectory("fastsni-demo-").FullName;
        try
        {
            using DemoBackend alpha = DemoBackend.StartTls("alpha", "alpha.example.org");
            using DemoBackend alpha80 = DemoBackend.StartHttp("alpha, port 80");
            using DemoBackend beta = DemoBackend.StartTls("beta", "beta.example.net");
            using DemoBackend gamma = DemoBackend.StartHttp("gamma");
            using DemoBackend plain = DemoBackend.StartPlain("plain");
            DemoCertificate.Write("gamma.example.com", folder);
            string config = Path.Combine(folder, "fastsni.ini");
            File.WriteAllText(config, Listeners(folder, plain.Port) + Sections(folder, alpha.Port, alpha80.Port, beta.Port, gamma.Port));
            return Daemon.Run(config, () => Console.WriteLine(Invitation(folder, config)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Listeners(string folder, int plain) =>
        $"""
        [gateway]
        log = stdout
        log-level = warning
        access-log = stdout
        state-directory = {folder}
        drain-timeout = 1s

        [admin]
        socket = {folder}/control.sock

        [listen:https]
        address = {Loopback(8443)}
        mode    = tls

        [listen:http]
        address = {Loopback(8080)}
        mode    = http

        [listen:plain]
        address        = 127.0.0.1:8081
        mode           = tcp
        backend        = 127.0.0.1:{plain}
        proxy-protocol = v1


        """;

    private static string Sections(string folder, int alpha, int alpha80, int beta, int gamma) =>
        $"""
        [passthrough:alpha]
        names          = alpha.example.org
        backend        = 127.0.0.1:{alpha}
        proxy-protocol = v2
        http-backend   = 127.0.0.1:{alpha80}

        [passthrough:beta]
        names          = .beta.example.net
        backend        = 127.0.0.1:{beta}
        proxy-protocol = v1

        [offload:gamma]
        names           = gamma.example.com
        backend         = http://127.0.0.1:{gamma}
        certificate     = {folder}/certificate.pem
        certificate-key = {folder}/key.pem

        [default]
        action         = offload
        no-name-action = offload

        """;

    private static string Loopback(int port) => Socket.OSSupportsIPv6 ? $"127.0.0.1:{port}, [::1]:{port}" : $"127.0.0.1:{port}";

    private static string Invitation(string folder, string config) =>
        $"""
        FastSni {VersionCommand.Text} listens on ports 8443 (TLS by server name), 8080 (HTTP by host) and 8081 (plain TCP) of loopback.
        Each backend answers with its name and with what it was told of you. In another terminal, try:

        Passthrough: still encrypted to the server that owns the name; a PROXY header says who you are.
          curl -k --resolve alpha.example.org:8443:127.0.0.1 https://alpha.example.org:8443/
          curl -k --resolve www.beta.example.net:8443:{(Socket.OSSupportsIPv6 ? "[::1]" : "127.0.0.1")} https://www.beta.example.net:8443/
          curl http://127.0.0.1:8081/

        Offload: TLS ends here, with the name's certificate; HTTP headers say who you are. A name that nobody has gets a small page.
          curl --cacert {folder}/certificate.pem --resolve gamma.example.com:8443:127.0.0.1 https://gamma.example.com:8443/
          curl -k --resolve unknown.example.com:8443:127.0.0.1 https://unknown.example.com:8443/

        Port 80: forwarded for a server that has its own certificates, sent to https for a site whose TLS ends here.
          curl --resolve alpha.example.org:8080:127.0.0.1 http://alpha.example.org:8080/
          curl -i --resolve gamma.example.com:8080:127.0.0.1 http://gamma.example.com:8080/shop

        And what the gateway thinks of a name:
          {Environment.ProcessPath} explain gamma.example.com --config {config}

        Sessions and requests appear below as they end. Ctrl+C stops the demo.

        """;
}
