using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>In systemd's place: hears what a service says of itself (sd_notify(3)), in order.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fastsni-e2e-notify-").FullName;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly ConcurrentQueue<string> _heard = [];

    public NotifySocket()
    {
        _socket.Bind(new UnixDomainSocketEndPoint(Path));
        _ = HearAsync();
    }

    public string Path => System.IO.Path.Combine(_directory, "notify");

    /// <summary>The first line of each datagram.</summary>
    public IReadOnlyList<string> Heard => [.. _heard];

    public Task UntilAsync(params string[] words) =>
        Patience.UntilAsync(() => Heard.SequenceEqual(words), () => $"{string.Join(", ", words)}; heard were {string.Join(", ", Heard)}");

    public void Dispose()
    {
        _socket.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task HearAsync()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
                _heard.Enqueue(Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer)).Split('\n')[0]);
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
