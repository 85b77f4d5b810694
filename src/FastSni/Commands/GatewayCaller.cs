using System.CommandLine;
using System.Diagnostics;
using FastSni.Config;
using FastSni.Operations;

namespace FastSni.Commands;

/// <summary>What the commands that ask a running gateway share: where it is, and how they say that it is not there or does not want to.</summary>
internal sealed class GatewayCaller
{
    // A successor has a minute to serve.
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMilliseconds(200), AgainWithin = TimeSpan.FromSeconds(60);

    private readonly Option<string?> _socket = new("--socket")
    {
        Description = "The gateway's control socket. Without it, the [admin] socket of the configuration.",
        HelpName = "PATH",
    };

    private readonly Option<string> _config = ConfigOption.Create();

    /// <summary>Gives a command the options and its work.</summary>
    /// <param name="show">Prints the answer of a request that was done, and says how it went.</param>
    internal static Command Equip(Command command, Func<ParseResult, ControlRequest> ask, Func<ParseResult, ControlReply, int> show)
    {
        GatewayCaller caller = new();
        command.Options.Add(caller._socket);
        command.Options.Add(caller._config);
        command.SetAction((parsed, _) => caller.RunAsync(parsed, ask(parsed), reply => show(parsed, reply)));
        return command;
    }

    /// <summary>The same for a command that asks again and again.</summary>
    internal static Command Equip(Command command, Func<GatewayCaller, ParseResult, Task<int>> run)
    {
        GatewayCaller caller = new();
        command.Options.Add(caller._socket);
        command.Options.Add(caller._config);
        command.SetAction((parsed, _) => run(caller, parsed));
        return command;
    }

    internal async Task<int> RunAsync(ParseResult parsed, ControlRequest request, Func<ControlReply, int> show)
    {
        if (FindSocket(parsed) is not { } socket)
            return ExitCode.Unreachable;
        ControlExchange exchange = await ControlClient.AskAsync(socket, request);
        for (long begun = Stopwatch.GetTimestamp(); exchange.Reply is { Again: true } && Stopwatch.GetElapsedTime(begun) < AgainWithin;)
        {
            await Task.Delay(AgainAfter);
            exchange = await ControlClient.AskAsync(socket, request);
        }
        if (exchange.Reply is not { } reply)
        {
            Complain(exchange.Trouble!);
            return ExitCode.Unreachable;
        }
        if (reply.Ok)
            return show(reply);
        foreach (string error in reply.Read<ReloadReport>()?.Errors ?? [])
            Complain(error);
        Complain(reply.Error ?? "the gateway refused, and did not say why");
        return ExitCode.Wrong;
    }

    /// <summary>Says something on standard error; it may come from a stranger.</summary>
    internal static void Complain(string sentence) => Console.Error.WriteLine($"fastsni: {TerminalText.Escape(sentence)}");

    /// <summary>Prints the result as the gateway wrote it, or as text.</summary>
    internal static int Print<T>(ControlReply reply, bool isJson, Action<T, TextWriter> write)
        where T : class
    {
        using StringWriter text = new();
        if (isJson)
            text.WriteLine(reply.Result.GetRawText());
        else if (reply.Read<T>() is { } report)
            write(report, text);
        else
        {
            Complain("the answer is not what this version of the program knows: is the gateway of another version? --json shows it as it is");
            return ExitCode.Wrong;
        }
        Console.Out.Write(text.ToString());
        return ExitCode.Done;
    }

    private string? FindSocket(ParseResult parsed)
    {
        if (parsed.GetValue(_socket) is { } given)
            return given;
        string config = parsed.GetValue(_config)!;
        string? socket = ConfigLoader.FindSocket(config, out ConfigError? error);
        if (socket is null)
            Complain($"{config}: [admin] socket: the gateway has no control socket");
        else if (error is not null)
            Complain($"{error} (asking at {socket})");
        return socket;
    }
}
