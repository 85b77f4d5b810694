using FastSni.Config;
using FastSni.Wire;
using Microsoft.Extensions.Logging;

namespace FastSni.Operations;

/// <summary>Does what a request asks, on any thread but the socket's. Changes are made one after another; looking waits for nobody.</summary>
internal sealed class ControlDesk(IGatewayControl gateway, ILogger log) : IDisposable
{
    // A list of 200,000 bans weighs about 40 MB until it is read.
    private const int ListsMax = 2;

    private readonly SemaphoreSlim _changes = new(1), _lists = new(ListsMax);

    /// <summary>Waits for a place among those who are sent a list; who has one disposes of it when it is sent.</summary>
    public async Task<IDisposable> EnterListsAsync(CancellationToken stop)
    {
        await _lists.WaitAsync(stop);
        return new Place(_lists);
    }

    /// <summary>Never throws: a fault is an answer, and a message of the log.</summary>
    public async Task<ControlAnswer> AnswerAsync(ControlRequest request)
    {
        bool isChange = ControlCommandShape.Of(request.Command).IsChange;
        if (isChange)
            await _changes.WaitAsync();
        try
        {
            return await DoAsync(request);
        }
        catch (Exception fault)
        {
            Log.ControlFault(log, ControlCommandShape.NameOf(request.Command), fault);
            return ControlAnswer.Refused("a fault on the gateway's side, which its log describes");
        }
        finally
        {
            if (isChange)
                _changes.Release();
        }
    }

    public void Dispose()
    {
        _changes.Dispose();
        _lists.Dispose();
    }

    private async Task<ControlAnswer> DoAsync(ControlRequest request)
    {
        switch (request.Command)
        {
            case ControlCommand.Version:
                StatusReport status = gateway.Status();
                return ControlAnswer.Done(new VersionReport(status.Version, status.ProcessId, ControlRequest.ProtocolVersion));
            case ControlCommand.Status:
                return ControlAnswer.Done(gateway.Status());
            case ControlCommand.Sessions:
                return ControlAnswer.Done(await gateway.SessionsAsync(request.Limit ?? ControlRequest.SessionsDefault));
            case ControlCommand.Bans:
                return ControlAnswer.Done(new BansReport(gateway.Bans()));
            case ControlCommand.Close:
                return Unless(await gateway.CloseAsync(request.Id!.Value));
            case ControlCommand.Reload:
                return Reloaded(await gateway.ReloadAsync());
            case ControlCommand.Upgrade:
                return Unless(await gateway.UpgradeAsync());
            case ControlCommand.Ban:
                return await BanAsync(request);
            case ControlCommand.Unban:
                return AddressPrefix.TryParse(request.Address!, out AddressPrefix prefix) ? Unless(await gateway.UnbanAsync(prefix)) : NoAddress(request);
            default:
                return Unless(gateway.Drain(request.Target!, isDraining: request.Command == ControlCommand.Drain));
        }
    }

    private async Task<ControlAnswer> BanAsync(ControlRequest request)
    {
        if (!AddressPrefix.TryParse(request.Address!, out AddressPrefix prefix))
            return NoAddress(request);
        TimeSpan? duration = null;
        if (request.For is { } text)
        {
            if (!BanDuration.TryParse(text, out TimeSpan read, out string? problem))
                return ControlAnswer.Refused(problem);
            duration = read;
        }
        string reason = request.Reason ?? "";
        if (!BanReason.IsLine(reason))
            return ControlAnswer.Refused($"the reason must be one line of at most {BanReason.CharactersMax} characters");
        BanAnswer answer = await gateway.BanAsync(prefix, duration, reason);
        if (answer.Error is not { } error)
            return ControlAnswer.Done(new BanReport(answer.SessionsClosed));
        return answer.IsForNow ? ControlAnswer.RefusedForNow(error) : ControlAnswer.Refused(error);
    }

    private static ControlAnswer Reloaded(ReloadReport report) => report.Errors.Count == 0
        ? ControlAnswer.Done(report)
        : ControlAnswer.Refused($"the new configuration has {report.Errors.Count} error(s); the old one stays in force", report);

    private static ControlAnswer NoAddress(ControlRequest request) => ControlAnswer.Refused(
        $"{TerminalText.Quote(request.Address!)} is no address: write one such as 192.0.2.7 or 2001:db8::7, or a prefix such as 192.0.2.0/24 with nothing behind its bits");

    private static ControlAnswer Unless(string? error) => error is null ? ControlAnswer.Done() : ControlAnswer.Refused(error);

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}
