using FastSni.Compare.Running;
using FastSni.Reports;

namespace FastSni.Compare.Contenders;

/// <summary>caddy's reverse_proxy; it does not read names without ending TLS. One core is all its threads get.</summary>
internal sealed class CaddyContender(string name) : Contender(name)
{
    private const string Program = "/usr/bin/caddy";

    public override bool Forwards => false;

    public override bool EndsTls => true;

    public override string? Absence => AbsenceOf(Program);

    public override string Version => Command.FirstLine(new(Program, ["version"]));

    public override CommandLine? Prepare(Site site)
    {
        Certificate certificate = site.Certificate ?? throw new MeasurementException("caddy is only asked to end TLS");
        // It logs requests only where told to.
        string path = site.Write("Caddyfile", $$"""
            {
                admin off
                auto_https off
                storage file_system {{site.Directory}}
                servers {
                    protocols h1 h2
                }
            }
            https://{{Site.OffloadName}}:{{site.ListenPort}} {
                bind 127.0.0.1
                tls {{certificate.ChainPath}} {{certificate.KeyPath}} {
                    protocols tls1.3
                }
                reverse_proxy {{site.HttpAddress}}
            }

            """);
        return new("env", ["GOMAXPROCS=1", $"HOME={site.Directory}", Program, "run", "--config", path, "--adapter", "caddyfile"]);
    }
}
