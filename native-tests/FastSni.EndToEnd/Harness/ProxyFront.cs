using System.Globalization;
using System.Net;

namespace FastSni.EndToEnd.Harness;

/// <summary>A real load balancer in front of the gateway: it takes plain TCP and tells with a PROXY header who it is from.</summary>
internal sealed class ProxyFront : Daemon
{
    private const string StreamModule = "/usr/lib/nginx/modules/ngx_stream_module.so";

    private ProxyFront()
    {
    }

    /// <summary>Takes IPv4 clients on an IPv6 socket; nginx then writes their addresses v4-mapped.</summary>
    public IPEndPoint Everywhere { get; } = new(IPAddress.IPv6Any, Loopback.NextPort());

    /// <param name="options">What stands behind the server's address, such as `send-proxy`.</param>
    public static async Task<ProxyFront> HaproxyAsync(IPEndPoint gateway, string options)
    {
        string path = Tool.Require("haproxy");
        ProxyFront front = new();
        string config = Path.Combine(front.Directory, "haproxy.cfg");
        await File.WriteAllTextAsync(config, front.HaproxyText(gateway, options));
        await front.RunAsync(path, "-db", "-f", config);
        return front;
    }

    /// <summary>`proxy_protocol on`, which is version 1.</summary>
    public static async Task<ProxyFront> NginxAsync(IPEndPoint gateway)
    {
        string path = Tool.Require("nginx");
        if (!File.Exists(StreamModule))
            Tool.GiveUp($"{StreamModule} is not installed, so nginx could not stand in front");
        ProxyFront front = new();
        string config = Path.Combine(front.Directory, "nginx.conf");
        await File.WriteAllTextAsync(config, front.NginxText(gateway));
        await front.RunAsync(path, "-p", front.Directory, "-c", config, "-e", Path.Combine(front.Directory, "error.log"));
        return front;
    }

    private string HaproxyText(IPEndPoint gateway, string options) => string.Create(CultureInfo.InvariantCulture, $"""
        global
          maxconn 500
          nbthread 1
        defaults
          mode tcp
          timeout connect 10s
          timeout client 60s
          timeout server 60s
        frontend all
          bind {V4}
          bind {V6}
          bind {Everywhere} v4v6
          unique-id-format %ci:%cp:%Ts
          default_backend gateway
        backend gateway
          server gateway {gateway} {options}

        """);

    private string NginxText(IPEndPoint gateway) => string.Create(CultureInfo.InvariantCulture, $$"""
        load_module {{StreamModule}};
        daemon off;
        master_process off;
        pid {{Directory}}/nginx.pid;
        error_log {{Directory}}/error.log;
        events { worker_connections 500; }
        stream {
          server {
            listen {{V4}};
            listen {{V6}};
            listen {{Everywhere}} ipv6only=off;
            proxy_pass {{gateway}};
            proxy_protocol on;
          }
        }
        """);
}
