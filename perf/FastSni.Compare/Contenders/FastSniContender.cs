using FastSni.Compare.Running;

namespace FastSni.Compare.Contenders;

/// <summary>The published binary, run in the foreground as systemd would run it.</summary>
internal sealed class FastSniContender(string name, string? program) : Contender(name)
{
    public override bool EndsTls => true;

    public override bool DoesBoth => true;

    public override string? Absence => program is null ? "no --fastsni PATH was given" : AbsenceOf(program);

    public override string Version => Command.FirstLine(new(program!, ["version"]));

    public override CommandLine? Prepare(Site site)
    {
        string names = site.Names is null ? $"names = {Site.SingleName}" : $"names-file = {site.Names.PlainPath}";
        // Client and backend are one address here, so what protects against one greedy client has to be off.
        string path = site.Write("fastsni.ini", $"""
            [gateway]
            workers = {site.Workers}
            access-log = off
            log = stdout
            max-connections-per-client = 0
            max-pending-hellos-per-client = 10000
            max-connections = {site.SessionsMax}
            state-directory = {site.Directory}
            [listen:https]
            address = {site.ListenAddress}
            mode = tls
            [passthrough:bench]
            {names}
            backend = {site.BackendAddress}
            proxy-protocol = {(site.SendsProxy ? "v2" : "off")}
            {(site.Certificate is null ? "" : OffloadSection(site, site.Certificate))}
            [default]
            action = reject
            no-name-action = reject
            [admin]
            socket = {site.Directory}/control.sock

            """);
        return new(program!, ["run", "--config", path]);
    }

    private static string OffloadSection(Site site, Certificate certificate) => $"""
        [offload:app]
        names = {Site.OffloadName}
        backend = http://{site.HttpAddress}
        certificate = {certificate.ChainPath}
        certificate-key = {certificate.KeyPath}
        """;
}
