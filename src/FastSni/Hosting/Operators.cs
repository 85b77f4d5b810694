using FastSni.Config;
using FastSni.Operations;
using Microsoft.Extensions.Logging;
using FileIdentity = FastSni.Operations.FileIdentity;

namespace FastSni.Hosting;

/// <summary>
/// The doors for operators: the control socket and the admin address. One that can't be opened is warned about, and the gateway goes on: clients come first.
/// </summary>
internal sealed class Operators(ProgramLog programLog) : IAsyncDisposable
{
    private readonly ILogger _log = programLog.For("operations");
    private ControlServer? _control;
    private AdminServer? _admin;

    internal IEnumerable<KeyValuePair<string, long>> Counters =>
        [.. _control?.Counters.All() ?? [], .. _admin?.Counters.All() ?? []];

    /// <param name="predecessor">The process whose socket is taken over; null: none.</param>
    internal async Task OpenAsync(IGatewayControl gateway, AdminOptions options, int? predecessor)
    {
        _admin = new AdminServer(gateway, TimeProvider.System, _log, programLog.Factory);
        await ApplyAsync(options);
        // Last: a reload asked for here brings options that are newer than these.
        _control = new ControlServer(gateway, Identify, TimeProvider.System, _log);
        if (options.Socket is { } path && _control.TryStart(path, predecessor) is { } error)
            Log.NoDoor(_log, $"[admin] socket: {error}");
    }

    /// <summary>Follows a reload.</summary>
    /// <returns>What can't be opened.</returns>
    internal async Task<IReadOnlyList<string>> ApplyAsync(AdminOptions options)
    {
        if (_admin is null)
            return [];
        IReadOnlyList<string> errors = await _admin.ApplyAsync(options);
        foreach (string error in errors)
            Log.NoDoor(_log, error);
        return errors;
    }

    /// <summary>Leaves it to a successor to serve: gives the admin address up, since only one process can have it, and the control socket's path.</summary>
    internal Task StepBackAsync()
    {
        _control?.LeavePath();
        return CloseAdminAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAdminAsync();
        if (_control is not null)
            await _control.DisposeAsync();
    }

    private async Task CloseAdminAsync()
    {
        try
        {
            if (Interlocked.Exchange(ref _admin, null) is { } admin)
                await admin.DisposeAsync();
        }
        catch (Exception fault)
        {
            // Whatever Kestrel has met: the successor serves already.
            Log.AdminFault(_log, fault);
        }
    }

    private static FileIdentity? Identify(string path) => Linux.FileIdentity.OfPath(path) is { } found ? new(found.Device, found.Inode) : null;
}
