using System.Collections.Immutable;
using FastSni.Handoff;
using FastSni.Linux;
using FastSni.Telemetry;

namespace FastSni.Passthrough;

/// <summary>What another thread asks of a worker; it runs on the worker's thread between two events.</summary>
internal abstract record WorkerCommand
{
    internal abstract void Run(Worker worker, Instant now);

    /// <summary>The worker has stopped: nobody is to wait any longer.</summary>
    internal virtual void Abandon()
    {
    }

    /// <summary>These are the listeners from now on: new ones are opened for accepting, missing ones are emptied and closed.</summary>
    /// <param name="PeekBytesMax">The most that is ever to be seen of a client at once.</param>
    internal sealed record Listen(ImmutableArray<WorkerListener> Listeners, int PeekBytesMax) : WorkerCommand
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The worker follows the new listeners.</summary>
        internal Task Done => _done.Task;

        internal override void Abandon() => _done.SetResult();

        internal override void Run(Worker worker, Instant now)
        {
            try
            {
                worker.ReserveHello(PeekBytesMax);
                worker.Acceptor.Apply(Listeners, now);
            }
            finally
            {
                _done.SetResult();
            }
        }
    }

    /// <summary>Ends every session of this worker.</summary>
    internal sealed record EndSessions(CloseReason Reason) : WorkerCommand
    {
        internal override void Run(Worker worker, Instant now) => worker.EndAll(Reason, now);
    }

    /// <summary>Writes the access log's line of a connection that another room has ended as it was asked to: the ring is this worker's alone.</summary>
    internal sealed record LogHandedOff(HandedOffClient Client, WorkerSettings Settings, CloseReason Reason) : WorkerCommand
    {
        internal override void Run(Worker worker, Instant now) => SessionLog.WriteHandedOff(worker, Client, Settings, Reason, now);
    }

    /// <summary>Leaves the loop.</summary>
    internal sealed record Stop : WorkerCommand
    {
        internal override void Run(Worker worker, Instant now) => worker.Stop();
    }
}

/// <summary>A listening socket of one worker and what to do with its clients. The worker owns the socket from the moment it is told of it.</summary>
internal sealed record WorkerListener(ListenSocket Socket, ListenerPlan Plan);
