namespace FastSni.Compare.Running;

/// <summary>nginx as the contender and as the HTTP backend.</summary>
internal static class Nginx
{
    public const string Program = "/usr/sbin/nginx";
    public const int EndlessRequests = 1_000_000_000;

    /// <summary>The HTTP backend of a site: one worker that serves <see cref="HttpTraffic"/>'s files and does as little else as possible.</summary>
    public static Launched StartBackend(Site site, int cpu)
    {
        string files = Directory.CreateDirectory(Path.Combine(site.Directory, "www")).FullName;
        foreach (int size in HttpTraffic.Sizes)
            File.WriteAllText(Path.Combine(files, HttpTraffic.FileName(size)), new string('x', size));
        // Its worker would otherwise be a user that may not read the run's own directory.
        string path = site.Write("backend.conf", $$"""
            daemon off;
            user root;
            worker_processes 1;
            pid {{site.Directory}}/backend.pid;
            error_log {{site.Directory}}/backend-error.log warn;
            events { worker_connections 4096; }
            http {
                access_log off;
                sendfile on;
                etag off;
                open_file_cache max=16 inactive=1h;
                keepalive_requests {{EndlessRequests}};
                server {
                    listen {{site.HttpAddress}} backlog=4096;
                    root {{files}};
                }
            }
            """);
        CommandLine command = new(Program, ["-c", path, "-e", $"{site.Directory}/backend-error.log"]);
        Launched backend = Launched.Silent(command, Place.On(cpu), Path.Combine(site.Directory, "backend.log"));
        return backend.EndUnless(() => Port.AwaitOpen(site.HttpPort, backend, () => true));
    }
}
