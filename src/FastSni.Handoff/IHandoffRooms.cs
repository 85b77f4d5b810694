namespace FastSni.Handoff;

/// <summary>The door between the loop and the HTTP rooms.</summary>
public interface IHandoffRooms
{
    /// <summary>The rooms take nobody any more.</summary>
    bool IsClosed { get; }

    /// <summary>Called by workers: never waits, never throws. False: too many clients wait, or the rooms are closing; the client stays the caller's.</summary>
    bool TryTake(HandedOffClient client);
}
