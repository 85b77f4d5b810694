using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace FastSni.Hosting;

internal enum Request { Reload, Reopen, Stop, Upgrade }

/// <summary>Signals as a queue of requests, so that one place answers them one after the other.</summary>
internal sealed class Signals : IDisposable
{
    // Not in PosixSignal, which takes the raw numbers of signal(7).
    private const PosixSignal SigUsr1 = (PosixSignal)10, SigUsr2 = (PosixSignal)12;

    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>();
    private readonly PosixSignalRegistration[] _registrations;

    internal Signals() => _registrations =
    [
        On(PosixSignal.SIGHUP, Request.Reload),
        On(PosixSignal.SIGTERM, Request.Stop),
        On(PosixSignal.SIGINT, Request.Stop),
        On(SigUsr1, Request.Reopen),
        On(SigUsr2, Request.Upgrade),
    ];

    internal ChannelReader<Request> Requests => _requests.Reader;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }

    private PosixSignalRegistration On(PosixSignal signal, Request request) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;      // Not the default action: the request is answered by the daemon.
        _requests.Writer.TryWrite(request);
    });
}
