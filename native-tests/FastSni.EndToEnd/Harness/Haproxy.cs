using System.Globalization;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// Debian's haproxy behind the gateway: `bind … accept-proxy ssl`, which fails a connection whose PROXY header is cut, wrong or wrongly summed.
/// </summary>
internal sealed class Haproxy : Daemon
{
    private Haproxy(string name) => Name = name;

    public string Name { get; }

    /// <summary>"/" answers "name address port authority unique-id" as the PROXY header told them ("-" for what it did not).</summary>
    /// <param name="files">An nginx whose files it hands through under /files/.</param>
    public static async Task<Haproxy> StartAsync(string name, Nginx? files = null)
    {
        string path = Tool.Require("haproxy");
        Haproxy haproxy = new(name);
        string config = Path.Combine(haproxy.Directory, "haproxy.cfg");
        await File.WriteAllTextAsync(config, haproxy.Text(files));
        await haproxy.RunAsync(path, "-db", "-f", config);
        return haproxy;
    }

    private string Text(Nginx? files) => string.Create(CultureInfo.InvariantCulture, $"""
        global
          maxconn 2000
          nbthread 1
        defaults
          mode http
          timeout connect 10s
          timeout client 60s
          timeout server 60s
        frontend tls
          bind {V4} accept-proxy ssl crt {TestCertificates.Shared.ServerPath} alpn h2,http/1.1
          bind {V6} accept-proxy ssl crt {TestCertificates.Shared.ServerPath} alpn h2,http/1.1
          use_backend files if {"{"} path_beg /files/ {"}"}
          default_backend answer
        backend answer
          http-request return status 200 content-type text/plain lf-string "{Name} %ci %cp %[fc_pp_authority] %[fc_pp_unique_id,hex]\n"
        backend files
          {(files is null ? "http-request deny" : $"server files {files.PlainFiles}")}

        """);
}
