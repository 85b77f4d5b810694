using System.CommandLine;

namespace FastSni.Commands;

/// <summary>`fastsni help [COMMAND]`: what there is, and examples to copy.</summary>
internal static class HelpCommand
{
    private static readonly Dictionary<string, string[]> Examples = new(StringComparer.Ordinal)
    {
        [""] =
        [
            "fastsni demo                                    try it: everything on loopback, nothing installed",
            "fastsni check --config /etc/fastsni/fastsni.ini",
            "fastsni explain www.example.org                 where does this name go, and why",
            "fastsni run                                     what the systemd unit does",
            "fastsni status                                  what the running gateway does",
        ],
        ["run"] = ["fastsni run", "fastsni run --config ./fastsni.ini", "kill -HUP $(pidof fastsni)      reload; a bad file keeps the old configuration"],
        ["check"] = ["fastsni check", "fastsni check --config ./fastsni.ini && systemctl reload fastsni"],
        ["explain"] = ["fastsni explain www.example.org", "fastsni explain mail.example.org --port 993", "fastsni explain app.example.eu --port 443 --path /files/x", "fastsni explain www.example.org --config ./fastsni.ini"],
        ["demo"] = ["fastsni demo"],
        ["status"] = ["fastsni status", "fastsni status --watch", "fastsni status --json | jq .routes"],
        ["sessions"] = ["fastsni sessions", "fastsni sessions --limit 10000 --json"],
        ["close"] = ["fastsni close 4711"],
        ["reload"] = ["fastsni reload", "fastsni check && fastsni reload"],
        ["upgrade"] = ["fastsni upgrade"],
        ["drain"] = ["fastsni drain passthrough:yunohost/192.168.99.11:443", "fastsni drain listen:smtp"],
        ["undrain"] = ["fastsni undrain passthrough:yunohost/192.168.99.11:443"],
        ["ban"] = ["fastsni ban 192.0.2.7 --for 1h --reason ssh", "fastsni ban 2001:db8::/32"],
        ["unban"] = ["fastsni unban 192.0.2.7"],
        ["bans"] = ["fastsni bans", "fastsni bans --json"],
        ["version"] = ["fastsni version"],
    };

    internal static Command Create(RootCommand root)
    {
        Argument<string?> name = new("COMMAND") { Description = "The command to explain.", Arity = ArgumentArity.ZeroOrOne };
        Command command = new("help", "Explains a command, with examples.") { name };
        command.SetAction(parsed => Run(root, parsed.GetValue(name) ?? ""));
        return command;
    }

    private static int Run(RootCommand root, string name)
    {
        if (name.Length > 0 && root.Subcommands.All(command => command.Name != name))
        {
            Console.Error.WriteLine($"fastsni: there is no command '{name}'; see `fastsni help`");
            return ExitCode.Usage;
        }
        root.Parse(name.Length > 0 ? [name, "--help"] : ["--help"]).Invoke();
        if (!Examples.TryGetValue(name, out string[]? examples))
            return ExitCode.Done;
        Console.WriteLine("Examples:");
        foreach (string example in examples)
            Console.WriteLine("  " + example);
        return ExitCode.Done;
    }
}
