using FastSni.Compare.Running;

namespace FastSni.Compare.Contenders;

/// <summary>Nothing in between: what client and backend can do by themselves.</summary>
internal sealed class DirectContender(string name) : Contender(name)
{
    public override string Version => "no gateway";

    public override CommandLine? Prepare(Site site) => null;
}
