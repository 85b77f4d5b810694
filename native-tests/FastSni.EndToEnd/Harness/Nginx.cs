using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace FastSni.EndToEnd.Harness;

/// <summary>Debian's nginx behind the gateway: TLS with the PROXY protocol, h2, and a folder for files both ways.</summary>
internal sealed partial class Nginx : Daemon
{
    private Nginx(string name) => Name = name;

    public string Name { get; }

    /// <summary>The same files over plain HTTP, for a peer that ends TLS itself.</summary>
    public IPEndPoint PlainFiles { get; } = Loopback.NextV4();

    public string FilesDirectory => Path.Combine(Directory, "files");

    /// <summary>`listen … ssl proxy_protocol` on V4 and V6; "/" answers "name address port" of the client it was told of.</summary>
    public static async Task<Nginx> StartAsync(string name)
    {
        string path = Tool.Require("nginx");
        Nginx nginx = new(name);
        System.IO.Directory.CreateDirectory(nginx.FilesDirectory);
        string config = Path.Combine(nginx.Directory, "nginx.conf");
        await File.WriteAllTextAsync(config, nginx.Text());
        await nginx.RunAsync(path, "-p", nginx.Directory, "-c", config, "-e", Path.Combine(nginx.Directory, "error.log"));
        return nginx;
    }

    /// <summary>nginx before 1.23.3 reads at most 107 bytes of PROXY header.</summary>
    public static async Task<Version> VersionAsync()
    {
        ToolResult result = await Tool.RunAsync(Tool.Require("nginx"), ["-v"]);
        return Version.Parse(VersionText().Match(result.Error).Groups[1].Value);
    }

    private string Text() => string.Create(CultureInfo.InvariantCulture, $$"""
        daemon off;
        master_process off;
        pid {{Directory}}/nginx.pid;
        error_log {{Directory}}/error.log;
        events { worker_connections 2048; }
        http {
          access_log off;
          client_body_temp_path {{Directory}}/body;
          proxy_temp_path {{Directory}}/proxy;
          fastcgi_temp_path {{Directory}}/fastcgi;
          uwsgi_temp_path {{Directory}}/uwsgi;
          scgi_temp_path {{Directory}}/scgi;
          client_max_body_size 0;
          default_type text/plain;
          server {
            listen {{V4}} ssl http2 proxy_protocol;
            listen {{V6}} ssl http2 proxy_protocol;
            ssl_certificate {{TestCertificates.Shared.ServerPath}};
            ssl_certificate_key {{TestCertificates.Shared.ServerPath}};
            ssl_protocols TLSv1.2 TLSv1.3;
            location / { return 200 "{{Name}} $proxy_protocol_addr $proxy_protocol_port\n"; }
            location /files/ { root {{Directory}}; dav_methods PUT; }
          }
          server {
            listen {{PlainFiles}};
            location /files/ { root {{Directory}}; dav_methods PUT; }
          }
        }
        """);

    [GeneratedRegex(@"nginx/(\d+\.\d+\.\d+)")]
    private static partial Regex VersionText();
}
