using FastSni.Compare.Running;

namespace FastSni.Compare.Contenders;

/// <summary>The yardstick, perf/reference/limit.</summary>
internal sealed class LimitContender(string name, string program, IReadOnlyList<string> variant) : Contender(name)
{
    public override string Version => "perf/reference/limit";

    public override CommandLine? Prepare(Site site)
    {
        string names = site.Names?.PlainPath ?? site.Write("limit-names.txt", Site.SingleName + "\n");
        string[] proxy = site.SendsProxy ? ["--proxy-v2"] : [];
        return new(program, ["--listen", site.ListenAddress, "--backend", site.BackendAddress, "--names-file", names, .. proxy, .. variant]);
    }
}
