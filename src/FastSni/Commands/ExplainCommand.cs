using System.CommandLine;
using System.Globalization;
using System.Text;
using FastSni.Config;
using Spectre.Console;

namespace FastSni.Commands;

/// <summary>`fastsni explain NAME`: which route a name takes on each listener, and why.</summary>
internal static class ExplainCommand
{
    internal static Command Create()
    {
        Argument<string> name = new("NAME") { Description = "The server name a client would send; \"\" for a client that sends none." };
        Option<string> alpn = new("--alpn") { Description = "The protocol the client would offer (h2, http/1.1, acme-tls/1). Passthrough follows the name alone.", HelpName = "P" };
        Option<int?> port = new("--port") { Description = "Only listeners on this port.", HelpName = "N" };
        Option<string> path = new("--path") { Description = "The path of an HTTP request. It matters to offload sections, which this version does not have yet.", HelpName = "/x" };
        Option<string> config = ConfigOption.Create();
        Command command = new("explain", "Says which route a name takes, why, and to which backend.") { name, alpn, port, path, config };
        command.SetAction(parsed => ConfigOption.Load(parsed.GetValue(config)!) is { } snapshot
            ? Explain(snapshot, parsed.GetValue(name)!, parsed.GetValue(port))
            : ExitCode.Wrong);
        return command;
    }

    private static int Explain(Snapshot snapshot, string name, int? port)
    {
        if (name.Length > 0 && HostName.TryParse(name, out string canonical, out _))
            name = canonical;   // What a client would send for bücher.example. Anything else is looked up as it stands, as a client's would be.
        Listener[] asked = [.. snapshot.Listeners.Where(listener => port is null || listener.Endpoints.Any(endpoint => endpoint.Port == port))];
        if (asked.Length == 0)
        {
            Console.Error.WriteLine($"fastsni: no listener on port {port}");
            return ExitCode.Wrong;
        }
        foreach (Listener listener in asked)
            Print(listener, name, snapshot);
        return ExitCode.Done;
    }

    private static void Print(Listener listener, string name, Snapshot snapshot)
    {
        (string because, PassthroughSection? section) = listener.Mode == ListenMode.Tcp
            ? ("a tcp listener forwards everybody, whatever the name", null)
            : Find(listener, name, snapshot);
        BackendOptions? backend = listener.Backend ?? section?.Backend;
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(2)).AddColumn(new GridColumn().NoWrap());
        Add("listener", $"{listener.Name} ({string.Join(", ", listener.Endpoints)})");
        Add("name", name.Length > 0 ? name : "(none)");
        Add("route", section?.Label ?? (listener.Mode == ListenMode.Tcp ? "listen:" + listener.Name : "reject"));
        Add("because", because);
        if (backend is not null)
        {
            Add("backend", string.Join(", ", backend.Servers.Select(server => TextOf(server, listener))));
            Add("balance", backend.Servers.Length > 1 ? Words.Of(backend.Balance) : "one server");
            Add("proxy", Words.Of(backend.ProxyProtocol, backend.ProxyTlvs));
        }
        Write(grid);

        void Add(string what, string value) => grid.AddRow(new Text(what), new Text(value));
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

    private static (string Because, PassthroughSection? Section) Find(Listener listener, string name, Snapshot snapshot)
    {
        if (name.Length == 0)
            return Action("no-name-action: the client sends no server name", listener.NoName);
        if (listener.Names.Explain(Encoding.UTF8.GetBytes(name)) is not { } match)
            return Action("action: no section has this name", listener.UnknownName);
        PassthroughSection section = (PassthroughSection)snapshot.Sections[match.Section];
        string how = match.Pattern.StartsWith('*') ? "the longest wildcard that covers it is" : "the section has the name";
        return ($"{how} {match.Pattern} in [{section.Label}]", section);
    }

    // A server without a port is asked at the port that the client connected to.
    private static string TextOf(ServerAddress server, Listener listener) => server.Port is not null || server.Kind == ServerKind.Unix
        ? server.Text
        : $"{server.Text}:{string.Join("|", listener.Endpoints.Select(endpoint => endpoint.Port).Distinct())}";

    private static (string Because, PassthroughSection? Section) Action(string reason, RouteAction action) => (reason, action.Section as PassthroughSection);
}
