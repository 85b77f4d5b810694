using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace FastSni.Hosting;

internal enum Request { Reload, Reopen, Stop, Upgrade }

/// <summary>What the daemon is asked, by signals and over the control socket, as a queue: one place answers one after the other.</summary>
internal sealed class Requests : IDisposable
{
    // Not in PosixSignal, which takes the raw numbers of signal(7).
    private const PosixSignal SigUsr1 = (PosixSignal)10, SigUsr2 = (PosixSignal)12;

    private readonly Channel<Asked> _asked = Channel.CreateUnbounded<Asked>();
    private readonly PosixSignalRegistration[] _registrations;

    internal Requests() => _registrations =
    [
        On(PosixSignal.SIGHUP, Request.Reload),
        On(PosixSignal.SIGTERM, Request.Stop),
        On(PosixSignal.SIGINT, Request.Stop),
        On(SigUsr1, Request.Reopen),
        On(SigUsr2, Request.Upgrade),
    ];

    internal ValueTask<Asked> NextAsync(CancellationToken cancelled = default) => _asked.Reader.ReadAsync(cancelled);

    /// <summary>Asks for an upgrade.</summary>
    /// <returns>Once it is decided: why not, or null.</returns>
    internal Task<string?> UpgradeAsync()
    {
        Asked asked = new(Request.Upgrade);
        _asked.Writer.TryWrite(asked);
        return asked.Answered.Task;
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }

    private PosixSignalRegistration On(PosixSignal signal, Request request) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;      // Not the default action: the request is answered by the daemon.
        _asked.Writer.TryWrite(new Asked(request));
    });

    /// <summary>One request; whoever cares for the outcome waits for <see cref="Answered"/>.</summary>
    internal sealed record Asked(Request Request)
    {
        internal TaskCompletionSource<string?> Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
