using System.CommandLine;
using System.CommandLine.Parsing;

namespace FastSni.Commands;

/// <summary>The program's commands, and how a mistake in using them is told.</summary>
internal static class CommandLine
{
    /// <returns>An <see cref="ExitCode"/>.</returns>
    internal static int Run(string[] args)
    {
        RootCommand root = Create();
        if (args.Length == 0)
            args = ["help"];
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count == 0)
            // Signals are the daemon's own business.
            return parsed.Invoke(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
        // What was not understood says more than what is missing.
        string[] sentences = [.. parsed.UnmatchedTokens.Select(token => $"'{token}' is no command, option or argument here")];
        foreach (string sentence in sentences.Length > 0 ? sentences : [.. parsed.Errors.Select(Sentence).Distinct()])
            Console.Error.WriteLine($"fastsni: {sentence}");
        Console.Error.WriteLine("fastsni: see `fastsni help`");
        return ExitCode.Usage;
    }

    // The library names .NET's types, which say nothing to an operator. All numbers here are whole ones.
    private static string Sentence(ParseError error) =>
        error.SymbolResult is { Tokens: [var token, ..] } && error.Message.Contains("System.", StringComparison.Ordinal)
            ? $"'{token.Value}' is no whole number" : error.Message;

    internal static RootCommand Create()
    {
        RootCommand root = new("A TLS-SNI gateway: forwards TLS by server name, still encrypted, and tells the backend who came.");
        foreach (Option option in root.Options.Where(option => option is VersionOption).ToArray())
            root.Options.Remove(option);     // `fastsni version` is the one way.
        root.Subcommands.Add(RunCommand.Create());
        root.Subcommands.Add(CheckCommand.Create());
        root.Subcommands.Add(ExplainCommand.Create());
        root.Subcommands.Add(DemoCommand.Create());
        root.Subcommands.Add(StatusCommand.Create());
        root.Subcommands.Add(SessionsCommand.Create());
        root.Subcommands.Add(CloseCommand.Create());
        root.Subcommands.Add(ReloadCommand.Create());
        root.Subcommands.Add(UpgradeCommand.Create());
        root.Subcommands.Add(DrainCommand.Create());
        root.Subcommands.Add(DrainCommand.CreateUndrain());
        root.Subcommands.Add(BanCommand.Create());
        root.Subcommands.Add(BanCommand.CreateUnban());
        root.Subcommands.Add(BansCommand.Create());
        root.Subcommands.Add(VersionCommand.Create());
        root.Subcommands.Add(HelpCommand.Create(root));
        return root;
    }
}
