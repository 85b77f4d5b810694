using System.CommandLine;
using FastSni.Operations;

namespace FastSni.Commands;

/// <summary>`fastsni status`: the running gateway on one screen.</summary>
internal static class StatusCommand
{
    /// <summary>Cursor to the top left, and everything below it away.</summary>
    private const string Repaint = "\e[H\e[J";

    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    internal static Command Create()
    {
        Option<bool> json = JsonOption.Create();
        Option<bool> watch = new("--watch") { Description = "Shows it anew each second, until Ctrl+C." };
        Command command = new("status", "Shows sessions, rates, routes, servers up or down, certificates and bans of the running gateway.") { json, watch };
        return GatewayCaller.Equip(command, (caller, parsed) => RunAsync(caller, parsed, parsed.GetValue(json), parsed.GetValue(watch)));
    }

    private static async Task<int> RunAsync(GatewayCaller caller, ParseResult parsed, bool isJson, bool isWatch)
    {
        bool repaints = isWatch && !isJson && !Console.IsOutputRedirected;
        while (true)
        {
            int exit = await caller.RunAsync(parsed, new ControlRequest(ControlCommand.Status), reply => GatewayCaller.Print<StatusReport>(reply, isJson, (status, text) =>
            {
                if (repaints)
                    text.Write(Repaint);
                StatusText.Write(status, TimeProvider.System.GetUtcNow(), text);
            }));
            if (!isWatch || exit != ExitCode.Done)
                return exit;
            await Task.Delay(WatchInterval);
            if (!repaints && !isJson)
                Console.Out.WriteLine();
        }
    }
}
