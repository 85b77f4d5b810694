using FastSni.LoadTests.Running;

namespace FastSni.LoadTests.Contenders;

/// <summary>nginx stream with ssl_preread; buffers, reuseport and everything else at their defaults.</summary>
internal sealed class NginxContender(string name) : Contender(name)
{
    private const string Program = "/usr/sbin/nginx", StreamModule = "/usr/lib/nginx/modules/ngx_stream_module.so";

    // The master and its one worker.
    public override int ProcessCount => 2;

    public override string? Absence => AbsenceOf(Program) ?? AbsenceOf(StreamModule);

    public override string Version => Command.FirstLine(new(Program, ["-v"]));

    public override CommandLine? Prepare(Site site)
    {
        string names = site.Names is null ? $"{Site.SingleName} bench;" : $"include {site.Names.NginxMapPath};";
        // Each proxied session takes two connections of a worker. Towards backends there is PROXY v1 only.
        string path = site.Write("nginx.conf", $$"""
            load_module {{StreamModule}};
            daemon off;
            worker_processes 1;
            worker_rlimit_nofile {{site.SessionsMax * 2 + 200}};
            pid {{site.Directory}}/nginx.pid;
            error_log {{site.Directory}}/nginx-error.log warn;
            events { worker_connections {{site.SessionsMax * 2 + 100}}; }
            stream {
                access_log off;
                map_hash_max_size {{Math.Max(2048, (site.Names?.Count ?? 0) * 2)}};
                map_hash_bucket_size 128;
                map $ssl_preread_server_name $route { {{names}} default nowhere; }
                upstream bench { server {{site.BackendAddress}}; }
                upstream nowhere { server 127.0.0.1:1; }
                server {
                    listen {{site.ListenAddress}} backlog=4096;
                    ssl_preread on;
                    proxy_protocol {{(site.SendsProxy ? "on" : "off")}};
                    proxy_pass $route;
                    proxy_timeout 1h;
                }
            }
            """);
        return new(Program, ["-c", path, "-e", $"{site.Directory}/nginx-error.log"]);
    }
}
