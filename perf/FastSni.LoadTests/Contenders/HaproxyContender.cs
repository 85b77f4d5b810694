using FastSni.LoadTests.Running;

namespace FastSni.LoadTests.Contenders;

internal enum HaproxySplice
{
    Off,
    Auto,
    /// <summary>Not what anybody gets by default: the best it can be made to do.</summary>
    ForcedWithBigPipes,
}

/// <summary>haproxy in TCP mode, one thread, routing by req.ssl_sni.</summary>
internal sealed class HaproxyContender(string name, HaproxySplice splice) : Contender(name)
{
    private const string Program = "/usr/sbin/haproxy";

    // Its pipes count against the descriptor limit it computes for itself.
    private const int PipesMax = 64;

    public override string? Absence => AbsenceOf(Program);

    public override string Version => Command.FirstLine(new(Program, ["-v"]));

    public override CommandLine? Prepare(Site site)
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
        string path = site.Write("haproxy.cfg", $$"""
            global
                nbthread 1
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
        return new(Program, ["-db", "-f", path]);
    }
}
