using System.Net;

namespace FastSni.Http;

/// <summary>Where Kestrel "listens": no address at all, but the queue of handed-off clients.</summary>
internal sealed class HandoffEndPoint : EndPoint
{
    public override string ToString() => "hand-off";
}
