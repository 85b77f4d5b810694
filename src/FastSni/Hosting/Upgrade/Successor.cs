using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using FastSni.Linux;
using Microsoft.Extensions.Logging;

namespace FastSni.Hosting.Upgrade;

/// <summary>
/// The old side of an upgrade: starts the program that is installed now with all listening sockets, and waits until it serves. Until then nothing of this
/// process is closed or changed, so that it can go on as if nothing had happened.
/// </summary>
internal sealed class Successor(ProgramStart program, ILogger log)
{
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(5);

    private int _begun;

    /// <summary>Starts it. Meanwhile nobody may open or close listening sockets, nor start other programs: they would inherit the sockets too.</summary>
    /// <param name="sockets">All listening sockets.</param>
    /// <param name="drains">What operators have drained, as `SECTION/ADDRESS`.</param>
    /// <param name="stepBack">Called once it serves, before it is told that it is the service: gives up what only one process can have.</param>
    /// <param name="stop">Gives it up; the successor is ended.</param>
    /// <returns>
    /// Why not, as a sentence for the operator. null: the successor serves, systemd takes it for the service, and this process has to drain and leave.
    /// </returns>
    internal async Task<string?> StartAsync(IReadOnlyCollection<Fd> sockets, IEnumerable<string> drains, Func<Task> stepBack, CancellationToken stop)
    {
        if (Interlocked.Exchange(ref _begun, 1) == 1)
            return "an upgrade is under way already";
        string? error = await TryStartAsync(sockets, drains, stepBack, stop);
        if (error is null)
            return null;
        if (!stop.IsCancellationRequested)
            Log.UpgradeFailed(log, error);
        Volatile.Write(ref _begun, 0);
        return error;
    }

    private async Task<string?> TryStartAsync(IReadOnlyCollection<Fd> sockets, IEnumerable<string> drains, Func<Task> stepBack, CancellationToken stop)
    {
        try
        {
            (Fd kept, Fd given) = LocalPair.Open();
            using Socket channel = new(new SafeSocketHandle(kept.Number, ownsHandle: true));
            using Process child = Start(sockets, drains, given);
            Log.UpgradeBegun(log, program.Path, child.Id, sockets.Count);
            if (await WaitOrEndAsync(child, channel, stepBack, stop) is { } error)
                return error;
            Log.Upgraded(log, child.Id);
            return null;
        }
        catch (Win32Exception failure)
        {
            // Its own message has more in it than the error.
            return $"{program.Path} can't be started: {new Win32Exception(failure.NativeErrorCode).Message}";
        }
        catch (LinuxException failure)
        {
            return $"{program.Path} can't be started: {failure.Message}";
        }
        catch (Exception fault)
        {
            // Whatever it is, the clients of this process are not to pay for it.
            Log.UpgradeFault(log, fault);
            return "a fault, which the log has";
        }
    }

    private static async Task<string?> WaitOrEndAsync(Process child, Socket channel, Func<Task> stepBack, CancellationToken stop)
    {
        try
        {
            return await WaitAsync(child, channel, stepBack, stop);
        }
        catch (Exception)
        {
            await EndAsync(child);
            throw;
        }
    }

    private Process Start(IReadOnlyCollection<Fd> sockets, IEnumerable<string> drains, Fd given)
    {
        ProcessStartInfo start = new(program.Path, program.Arguments);
        InheritedDescriptors.Write(start.Environment, sockets, given);
        start.Environment[Handshake.DrainsVariable] = Handshake.WriteDrains(drains);
        Fd[] handedOver = [.. sockets, given];
        try
        {
            foreach (Fd descriptor in handedOver)
                Inheritable.Set(descriptor, true);
            return Process.Start(start)!;
        }
        finally
        {
            foreach (Fd descriptor in handedOver)
                Inheritable.Set(descriptor, false);
            given.Close();
        }
    }

    private static async Task<string?> WaitAsync(Process child, Socket channel, Func<Task> stepBack, CancellationToken stop)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Handshake.ReadyTimeout);
        try
        {
            byte[] word = new byte[1];
            if (await channel.ReceiveAsync(word, limit.Token) != 1 || word[0] != Handshake.Ready[0])
                return await HowItEndedAsync(child);
        }
        catch (SocketException)
        {
            return await HowItEndedAsync(child);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(child);
            return stop.IsCancellationRequested ? "given up: the gateway was told to stop" : $"the new process did not serve within {Handshake.ReadyTimeout.TotalSeconds} s and was ended";
        }
        await stepBack();
        SystemdNotify.MainProcess(child.Id);
        // Into an empty socket: this can't wait. That the other side has gone meanwhile would change nothing any more: systemd has been told.
        _ = channel.Send(Handshake.SteppedBack, SocketFlags.None, out _);
        await HearEndAsync(channel);
        return null;
    }

    // Until operators reach the successor: who asked for the upgrade may have more to ask.
    private static async Task HearEndAsync(Socket channel)
    {
        using CancellationTokenSource limit = new(Handshake.AnswerTimeout);
        try
        {
            _ = await channel.ReceiveAsync(new byte[1], limit.Token);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            // It is slow, or gone: this process has stepped back all the same.
        }
    }

    // Its end of the channel is closed: it has left, or is about to.
    private static async Task<string> HowItEndedAsync(Process child)
    {
        using CancellationTokenSource limit = new(ExitTimeout);
        try
        {
            await child.WaitForExitAsync(limit.Token);
            return $"the new process left with exit code {child.ExitCode} before it served; its messages are above";
        }
        catch (OperationCanceledException)
        {
            await EndAsync(child);
            return "the new process does not know how to take over, and was ended";
        }
    }

    private static async Task EndAsync(Process child)
    {
        child.Kill();
        await child.WaitForExitAsync(CancellationToken.None);
    }
}
