using FastSni.Compare.Running;

namespace FastSni.Compare.Contenders;

/// <summary>sniproxy, which serves with one thread and knows no other number. Its second process, forked before it listens, binds addresses as root.</summary>
internal sealed class SniproxyContender(string name) : Contender(name)
{
    private const string Program = "/usr/sbin/sniproxy";

    public override string? Absence => AbsenceOf(Program);

    public override string Version => Command.FirstLine(new(Program, ["-V"]));

    // Its own default for -n is above the limits of many systems, and then it keeps 1024. There is no access log unless one is named.
    public override CommandLine? Prepare(Site site)
    {
        string path = Path.Combine(site.Directory, "sniproxy.conf");
        using (StreamWriter writer = new(path) { NewLine = "\n" })
        {
            writer.WriteLine($$"""
                error_log {
                    filename {{site.Directory}}/sniproxy-error.log
                    priority warning
                }
                listener {{site.ListenAddress}} {
                    protocol tls
                    table bench
                }
                table bench {
                """);
            foreach (string line in site.Names is null ? [Site.SingleName] : File.ReadLines(site.Names.PlainPath))
                writer.WriteLine($"{Pattern(line)} {site.BackendAddress}{(site.SendsProxy ? " proxy_protocol" : "")}");
            writer.WriteLine("}");
        }
        return new(Program, ["-f", "-c", path, "-n", $"{site.SessionsMax * 2 + 200}"]);
    }

    // Names are regular expressions, and a backslash in the file stands for the character behind it (sniproxy.conf(5)).
    private static string Pattern(string hostName) => $"^{hostName.Replace(".", @"\\.", StringComparison.Ordinal)}$";
}
