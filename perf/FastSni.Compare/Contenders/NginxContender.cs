using FastSni.Compare.Running;

namespace FastSni.Compare.Contenders;

/// <summary>nginx: stream with ssl_preread, http behind its own TLS, or both in one; everything at its default where a default works.</summary>
internal sealed class NginxContender(string name) : Contender(name)
{
    private const string StreamModule = "/usr/lib/nginx/modules/ngx_stream_module.so";

    public override bool EndsTls => true;

    // As the guides have it: the stream listener hands the names it does not forward to a TLS listener on loopback.
    public override bool DoesBoth => true;

    // The master and its workers.
    public override int ProcessCount(Site site) => 1 + site.Workers;

    public override string? Absence => AbsenceOf(Nginx.Program) ?? AbsenceOf(StreamModule);

    public override string Version => Command.FirstLine(new(Nginx.Program, ["-v"]));

    public override CommandLine? Prepare(Site site)
    {
        // Each proxied session takes two connections of a worker.
        string path = site.Write("nginx.conf", $$"""
            load_module {{StreamModule}};
            daemon off;
            worker_processes {{site.Workers}};
            worker_rlimit_nofile {{site.SessionsMax * 2 + 200}};
            pid {{site.Directory}}/nginx.pid;
            error_log {{site.Directory}}/nginx-error.log warn;
            events { worker_connections {{site.SessionsMax * 2 + 100}}; }
            {{(site.Forwards ? StreamBlock(site) : "")}}
            {{(site.Certificate is null ? "" : HttpBlock(site, site.Certificate))}}
            """);
        return new(Nginx.Program, ["-c", path, "-e", $"{site.Directory}/nginx-error.log"]);
    }

    // Towards backends there is PROXY v1 only.
    private static string StreamBlock(Site site)
    {
        string names = site.Names is null ? $"{Site.SingleName} bench;" : $"include {site.Names.NginxMapPath};";
        return $$"""
            stream {
                access_log off;
                map_hash_max_size {{Math.Max(2048, (site.Names?.Count ?? 0) * 2)}};
                map_hash_bucket_size 128;
                map $ssl_preread_server_name $route { {{names}} {{Site.OffloadName}} offload; default nowhere; }
                upstream bench { server {{site.BackendAddress}}; }
                upstream offload { server {{site.InnerTlsAddress}}; }
                upstream nowhere { server 127.0.0.1:1; }
                server {
                    listen {{site.ListenAddress}} backlog=4096;
                    ssl_preread on;
                    proxy_protocol {{(site.SendsProxy ? "on" : "off")}};
                    proxy_pass $route;
                    proxy_timeout 1h;
                }
            }
            """;
    }

    // Its defaults end a connection after 1000 requests, on both sides: what a new connection costs is another mode's question.
    private static string HttpBlock(Site site, Certificate certificate) => $$"""
        http {
            access_log off;
            keepalive_requests {{Nginx.EndlessRequests}};
            upstream app { server {{site.HttpAddress}}; keepalive 64; keepalive_requests {{Nginx.EndlessRequests}}; }
            server {
                listen {{(site.Forwards ? site.InnerTlsAddress : site.ListenAddress)}} ssl http2 backlog=4096;
                ssl_certificate {{certificate.ChainPath}};
                ssl_certificate_key {{certificate.KeyPath}};
                ssl_protocols TLSv1.3;
                location / {
                    proxy_pass http://app;
                    proxy_http_version 1.1;
                    proxy_set_header Connection "";
                    proxy_set_header Host $host;
                }
            }
        }
        """;
}
