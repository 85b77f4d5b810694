using FastSni.Compare.Running;

namespace FastSni.Compare.Contenders;

internal enum HaproxySplice
{
    Off,
    Auto,
    /// <summary>Not what anybody gets by default: the best it can be made to do.</summary>
    ForcedWithBigPipes,
}

/// <summary>haproxy, a worker being a thread: in TCP mode, routing by req.ssl_sni, or in HTTP mode behind its own TLS.</summary>
internal sealed class HaproxyContender(string name, HaproxySplice splice) : Contender(name)
{
    private const string Program = "/usr/sbin/haproxy";

    // Its pipes count against the descriptor limit it computes for itself.
    private const int PipesMax = 64;

    public override string? Absence => AbsenceOf(Program);

    public override string Version => Command.FirstLine(new(Program, ["-v"]));

    public override bool EndsTls => splice == HaproxySplice.Off;

    public override CommandLine? Prepare(Site site) =>
        new(Program, ["-db", "-f", site.Certificate is null ? WriteForwarding(site) : WriteOffload(site, site.Certificate)]);

    // Neither keep-alive nor reuse is given an end: what a new connection costs is another mode's question.
    private static string WriteOffload(Site site, Certificate certificate) => site.Write("haproxy.cfg", $"""
        global
            nbthread 1
            maxconn {site.SessionsMax}
        defaults
            mode http
            timeout connect 5s
            timeout client 60s
            timeout server 60s
            http-reuse always
        frontend https
            bind {site.ListenAddress} ssl crt {certificate.BundlePath} ssl-min-ver TLSv1.3 alpn h2,http/1.1
            default_backend app
        backend app
            server app {site.HttpAddress}

        """);

    private string WriteForwarding(Site site)
    {
        string pipes = splice == HaproxySplice.ForcedWithBigPipes ? "tune.pipesize 1048576" : "";
        string option = splice switch
        {
            HaproxySplice.Auto => "option splice-auto",
            HaproxySplice.ForcedWithBigPipes => "option splice-request\n    option splice-response",
            _ => "",
        };
        string route = site.Names is null
            ? $"use_backend bench if {{ req.ssl_sni -i {Site.SingleName} }}"
            : $"use_backend %[req.ssl_sni,lower,map_str({site.Names.HaproxyMapPath},nowhere)]";
        return site.Write("haproxy.cfg", $$"""
            global
                nbthread {{site.Workers}}
                maxconn {{site.SessionsMax}}
                maxpipes {{PipesMax}}
                {{pipes}}
            defaults
                mode tcp
                timeout connect 5s
                timeout client 1h
                timeout server 1h
                {{option}}
            frontend https
                bind {{site.ListenAddress}}
                tcp-request inspect-delay 5s
                tcp-request content accept if { req.ssl_hello_type 1 }
                tcp-request content reject
                {{route}}
            backend bench
                server bench {{site.BackendAddress}} {{(site.SendsProxy ? "send-proxy-v2" : "")}}
            backend nowhere
                tcp-request content reject

            """);
    }
}
