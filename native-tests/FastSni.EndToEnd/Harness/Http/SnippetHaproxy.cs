using System.Globalization;
using System.Net;

namespace FastSni.EndToEnd.Harness;

/// <summary>A real HAProxy set up with the shipped snippet. It answers "haproxy address x-real-ip x-forwarded-for", as an application behind it would see them.</summary>
internal sealed class SnippetHaproxy : Daemon
{
    private SnippetHaproxy()
    {
    }

    /// <summary>Plain HTTP behind an offload section.</summary>
    public IPEndPoint Http { get; } = Loopback.NextV4();

    public static async Task<SnippetHaproxy> StartAsync()
    {
        string path = Tool.Require("haproxy");
        SnippetHaproxy haproxy = new();
        string shipped = Path.Combine(haproxy.Directory, "shipped.cfg"), own = Path.Combine(haproxy.Directory, "own.cfg");
        string text = Snippet.Text("haproxy.cfg", haproxy.V4).Replace("/etc/haproxy/certificate.pem", TestCertificates.Shared.ServerPath, StringComparison.Ordinal);
        await File.WriteAllTextAsync(shipped, text);
        await File.WriteAllTextAsync(own, string.Create(CultureInfo.InvariantCulture, $"""
            frontend plain
              mode http
              timeout client 60s
              bind {haproxy.Http}
              bind {haproxy.V6}
            {Snippet.Offered(text, "acl gateway", 2)}
              default_backend application
            backend application
              mode http
              http-request return status 200 content-type text/plain lf-string "haproxy %[src] %[req.hdr(x-real-ip)] %[req.hdr(x-forwarded-for)]\n"

            """));
        await haproxy.RunAsync(path, "-db", "-f", shipped, "-f", own);
        return haproxy;
    }
}
