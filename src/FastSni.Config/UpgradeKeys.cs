using FastSni.Config.Schema;

namespace FastSni.Config;

/// <summary>Keys that a reload cannot apply: what they say is settled when the process starts.</summary>
public static class UpgradeKeys
{
    /// <summary>Those that differ, each as `[section] key`; all else of the new snapshot can come into force by a reload.</summary>
    public static IReadOnlyList<string> Between(Snapshot inForce, Snapshot next)
    {
        List<string> keys = [];
        if (inForce.Gateway.Workers != next.Gateway.Workers)
            keys.Add(Name(GatewayKeys.Kind, GatewayKeys.Workers));
        if (inForce.Gateway.StateDirectory != next.Gateway.StateDirectory)
            keys.Add(Name(GatewayKeys.Kind, GatewayKeys.StateDirectory));
        if (inForce.Admin.Socket != next.Admin.Socket)
            keys.Add(Name(AdminKeys.Kind, AdminKeys.Socket));
        return keys;
    }

    private static string Name(SectionKind kind, Key key) => $"[{kind.Name}] {key.Name}";
}
