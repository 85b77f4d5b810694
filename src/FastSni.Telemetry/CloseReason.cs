namespace FastSni.Telemetry;

/// <summary>Why a session ended: the closed list of the access log's `end`. <see cref="CloseReasonNames"/> has the spelling.</summary>
public enum CloseReason : byte
{
    None,
    Complete,
    ClientReset,
    BackendReset,
    ClientSilent,
    Idle,
    HelloTimeout,
    HelloTooLarge,
    HelloMalformed,
    NotTls,
    NoName,
    UnknownName,
    HandedOff,
    Banned,
    ClientLimit,
    ConnectionLimit,
    ProxyHeader,
    ConnectRefused,
    ConnectTimeout,
    NoBackend,
    HandoffFull,
    ClosedByOperator,
    Drained,
    Error,
}

public static class CloseReasonNames
{
    private static readonly string[] Names =
    [
        "none", "complete", "client-reset", "backend-reset", "client-silent", "idle", "hello-timeout", "hello-too-large",
        "hello-malformed", "not-tls", "no-name", "unknown-name", "handed-off", "banned", "client-limit", "connection-limit",
        "proxy-header", "connect-refused", "connect-timeout", "no-backend", "handoff-full", "closed-by-operator", "drained", "error",
    ];

    /// <summary>The spelling of the access log and of the counters.</summary>
    public static string Name(this CloseReason reason) => Names[(int)reason];

    public static int Count => Names.Length;
}
