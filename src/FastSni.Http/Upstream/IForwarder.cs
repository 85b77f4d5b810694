namespace FastSni.Http;

/// <summary>What the rooms need of <see cref="Forwarder"/>.</summary>
public interface IForwarder
{
    /// <inheritdoc cref="Forwarder.ForwardAsync"/>
    Task ForwardAsync(Exchange exchange, HttpRoute route);
}
