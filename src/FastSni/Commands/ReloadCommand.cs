using System.CommandLine;
using FastSni.Operations;

namespace FastSni.Commands;

/// <summary>`fastsni reload`: the configuration is read anew, and the answer waited for.</summary>
internal static class ReloadCommand
{
    internal static Command Create() => GatewayCaller.Equip(
        new Command("reload", "Has the running gateway read its configuration anew. With errors nothing changes."),
        _ => new ControlRequest(ControlCommand.Reload), (_, reply) => Show(reply));

    private static int Show(ControlReply reply)
    {
        ReloadReport? report = reply.Read<ReloadReport>();
        foreach (string warning in report?.Warnings ?? [])
            GatewayCaller.Complain($"warning: {warning}");
        foreach (string key in report?.NeedUpgrade ?? [])
            GatewayCaller.Complain($"{key}: the new value waits for `fastsni upgrade` or a restart");
        Console.WriteLine("the new configuration is in force");
        return ExitCode.Done;
    }
}
