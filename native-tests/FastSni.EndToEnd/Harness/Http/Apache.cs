using System.Globalization;
using System.Net;

namespace FastSni.EndToEnd.Harness;

/// <summary>A real Apache httpd set up with the shipped snippet. The header X-Client of every answer is what it takes for the client's address.</summary>
internal sealed class Apache : Daemon
{
    private const string Modules = "/usr/lib/apache2/modules";

    private Apache()
    {
    }

    /// <summary>Plain HTTP with X-Forwarded-For on <see cref="Daemon.V4"/>, with a PROXY header in front on this one.</summary>
    public IPEndPoint Proxied { get; } = Loopback.NextV4();

    public static async Task<Apache> StartAsync()
    {
        string path = Tool.Require("apache2");
        Apache apache = new();
        string config = Path.Combine(apache.Directory, "httpd.conf");
        await File.WriteAllTextAsync(Path.Combine(apache.Directory, "index.html"), "apache\n");
        await File.WriteAllTextAsync(config, apache.Text());
        await apache.RunAsync(path, "-X", "-f", config);
        return apache;
    }

    private string Text()
    {
        string snippet = Snippet.Write(Directory, "apache.conf", V4);
        return string.Create(CultureInfo.InvariantCulture, $"""
            ServerRoot {Directory}
            ServerName localhost
            PidFile {Directory}/apache.pid
            ErrorLog {Directory}/error.log
            DefaultRuntimeDir {Directory}
            User nobody
            Group nogroup
            LoadModule mpm_event_module {Modules}/mod_mpm_event.so
            LoadModule authz_core_module {Modules}/mod_authz_core.so
            LoadModule dir_module {Modules}/mod_dir.so
            LoadModule headers_module {Modules}/mod_headers.so
            LoadModule remoteip_module {Modules}/mod_remoteip.so
            Listen {V4}
            Listen {V6}
            Listen {Proxied}
            DocumentRoot {Directory}
            DirectoryIndex index.html
            Header always set X-Client "expr=%{"{REMOTE_ADDR}"}"
            <VirtualHost {V4}>
            Include {snippet}
            </VirtualHost>
            <VirtualHost {Proxied}>
            {Snippet.Offered(Snippet.Text("apache.conf", Proxied), "RemoteIPProxyProtocol")}
            </VirtualHost>

            """);
    }
}
