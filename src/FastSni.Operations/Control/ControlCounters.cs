namespace FastSni.Operations;

/// <summary>Why a client of the control socket did not get what it wanted.</summary>
public enum ControlRefusal { TooManyConnections, LineTooLong, Malformed, NotPermitted, Idle, AnswerNotTaken }

/// <summary>What came over the control socket since the start.</summary>
public sealed class ControlCounters
{
    private static readonly string[] Names =
        ["control-connections-refused", "control-lines-too-long", "control-requests-malformed", "control-requests-not-permitted", "control-idle", "control-answers-not-taken"];

    private readonly long[] _refusals = new long[Names.Length];
    private long _requests;

    /// <summary>Well-formed ones, whatever became of them.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    public long Refused(ControlRefusal refusal) => Interlocked.Read(ref _refusals[(int)refusal]);

    /// <summary>For a status report: every name with its count.</summary>
    public IEnumerable<KeyValuePair<string, long>> All() =>
        [new("control-requests", Requests), .. Enum.GetValues<ControlRefusal>().Select(refusal => KeyValuePair.Create(Names[(int)refusal], Refused(refusal)))];

    internal void CountRequest() => Interlocked.Increment(ref _requests);

    internal long Count(ControlRefusal refusal) => Interlocked.Increment(ref _refusals[(int)refusal]);
}
