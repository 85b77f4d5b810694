using System.Globalization;
using System.Net;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// A real nginx set up with the shipped snippets, as a web server that stands behind the gateway. Every answer is "name scheme address real-ip-header",
/// where the address is what it takes for the client's.
/// </summary>
internal sealed class WebNginx : Daemon
{
    private WebNginx(string name) => Name = name;

    public string Name { get; }

    /// <summary>HTTP in the clear, behind the gateway.</summary>
    public IPEndPoint Http { get; } = Loopback.NextV4();

    /// <summary>TLS with the PROXY header on <see cref="Daemon.V4"/>, TLS without on <see cref="Daemon.V6"/>, HTTP on <see cref="Http"/>.</summary>
    /// <param name="tlsSnippet">Included on the TLS side.</param>
    /// <param name="httpSnippet">Included on the HTTP side.</param>
    public static async Task<WebNginx> StartAsync(string name, string tlsSnippet, string httpSnippet)
    {
        string path = Tool.Require("nginx");
        WebNginx nginx = new(name);
        string config = Path.Combine(nginx.Directory, "nginx.conf");
        string tls = Snippet.Write(nginx.Directory, tlsSnippet, nginx.V4), http = Snippet.Write(nginx.Directory, httpSnippet, nginx.Http);
        await File.WriteAllTextAsync(config, nginx.Text(tls, http));
        await nginx.RunAsync(path, "-p", nginx.Directory, "-c", config, "-e", Path.Combine(nginx.Directory, "error.log"));
        return nginx;
    }

    private string Text(string tls, string http) => string.Create(CultureInfo.InvariantCulture, $$"""
        daemon off;
        master_process off;
        pid {{Directory}}/nginx.pid;
        error_log {{Directory}}/error.log;
        events { worker_connections 1024; }
        http {
          access_log off;
          client_body_temp_path {{Directory}}/body;
          proxy_temp_path {{Directory}}/proxy;
          fastcgi_temp_path {{Directory}}/fastcgi;
          uwsgi_temp_path {{Directory}}/uwsgi;
          scgi_temp_path {{Directory}}/scgi;
          default_type text/plain;
          server {
            listen {{V6}} ssl http2;
            include {{tls}};
            ssl_certificate {{TestCertificates.Shared.ServerPath}};
            ssl_certificate_key {{TestCertificates.Shared.ServerPath}};
            location / { return 200 "{{Name}} https $remote_addr -\n"; }
          }
          server {
            listen {{Http}};
            include {{http}};
            location / { return 200 "{{Name}} http $remote_addr $http_x_real_ip\n"; }
            location /go/ { return 301 https://$host$request_uri; }
            location /.well-known/acme-challenge/ { return 200 "{{Name}} challenge\n"; }
          }
        }
        """);
}
