using System.CommandLine;
using System.Globalization;
using FastSni.Config;
using Spectre.Console;

namespace FastSni.Commands;

/// <summary>`fastsni explain NAME`: which route a name takes on each listener, and why.</summary>
internal static class ExplainCommand
{
    internal static Command Create()
    {
        Argument<string> name = new("NAME") { Description = "The server name a client would send; \"\" for a client that sends none." };
        Option<string> alpn = new("--alpn") { Description = "The protocol the client would offer (h2, http/1.1, acme-tls/1). Every protocol follows the name alone.", HelpName = "P" };
        Option<int?> port = new("--port") { Description = "Only listeners on this port.", HelpName = "N" };
        Option<string> path = new("--path") { Description = "The path of an HTTP request: offload sections may share a name. Without it, /.", HelpName = "/x" };
        Option<string> config = ConfigOption.Create();
        Command command = new("explain", "Says which route a name takes, why, and to which backend.") { name, alpn, port, path, config };
        command.SetAction(parsed => ConfigOption.Load(parsed.GetValue(config)!) is { } snapshot
            ? Explain(snapshot, parsed.GetValue(name)!, parsed.GetValue(alpn), parsed.GetValue(port), parsed.GetValue(path) ?? "/")
            : ExitCode.Wrong);
        return command;
    }

    private static int Explain(Snapshot snapshot, string name, string? alpn, int? port, string path)
    {
        if (name.Length > 0 && HostName.TryParse(name, out string canonical, out _))
            name = canonical;   // What a client would send for bücher.example. Anything else is looked up as it stands, as a client's would be.
        Listener[] asked = [.. snapshot.Listeners.Where(listener => port is null || listener.Endpoints.Any(endpoint => endpoint.Port == port))];
        if (asked.Length == 0)
        {
            Console.Error.WriteLine($"fastsni: no listener on port {port}");
            return ExitCode.Wrong;
        }
        Explanation explanation = new(snapshot, name, alpn, path);
        foreach (Listener listener in asked)
            Print(explanation.Of(listener));
        return ExitCode.Done;
    }

    private static void Print(IEnumerable<(string What, string Value)> rows)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(2)).AddColumn(new GridColumn().NoWrap());
        foreach ((string what, string value) in rows)
            grid.AddRow(new Text(what), new Text(value));
        Write(grid);
    }

    // Lines are for people and for grep: never folded, and nothing behind the last word.
    private static void Write(Grid grid)
    {
        using StringWriter text = new(CultureInfo.InvariantCulture);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = 500;
        console.Write(grid);
        foreach (string line in text.ToString().Split('\n'))
            Console.WriteLine(line.TrimEnd());
    }
}
