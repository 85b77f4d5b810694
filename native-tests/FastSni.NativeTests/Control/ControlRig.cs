using System.Net.Sockets;
using System.Text;
using FastSni.NativeTests.Support;
using FastSni.Operations;
using Xunit;

namespace FastSni.NativeTests.Control;

/// <summary>A control socket in a folder of its own, with a made-up gateway behind it.</summary>
internal sealed class ControlRig : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fastsni-control-").FullName;

    private ControlRig(ControlLimits limits)
    {
        Server = New(limits);
        Assert.Null(Server.TryStart(Path));
    }

    internal string Path => System.IO.Path.Join(_folder, "control.sock");

    internal FakeControl Gateway { get; } = new();

    internal ListLog Log { get; } = new();

    internal ControlServer Server { get; }

    internal static ControlRig Start(ControlLimits? limits = null) => new(limits ?? new ControlLimits());

    /// <summary>A further server, not started.</summary>
    internal ControlServer New(ControlLimits? limits = null) => new(Gateway, Identify, TimeProvider.System, Log, limits ?? new ControlLimits());

    internal Task<ControlExchange> AskAsync(ControlRequest request) => ControlClient.AskAsync(Path, request);

    internal Socket Connect()
    {
        Socket client = Loopback.NewSocket(AddressFamily.Unix);
        client.Connect(new UnixDomainSocketEndPoint(Path));
        return client;
    }

    /// <summary>Sends one line and reads one.</summary>
    internal static string Say(Socket client, string line)
    {
        client.Send(Encoding.UTF8.GetBytes(line + "\n"));
        return Hear(client);
    }

    /// <summary>The next line, without its line feed; empty where the connection has ended instead.</summary>
    internal static string Hear(Socket client)
    {
        List<byte> line = [];
        byte[] one = new byte[1];
        while (client.Receive(one) == 1 && one[0] != '\n')
            line.Add(one[0]);
        return Encoding.UTF8.GetString([.. line]);
    }

    /// <summary>True where the server has closed: an end, or a reset for bytes that it did not read.</summary>
    internal static bool IsClosed(Socket client)
    {
        try
        {
            return client.Receive(new byte[1]) == 0;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionReset;
        }
    }

    internal static Operations.FileIdentity? Identify(string path) =>
        FastSni.Linux.FileIdentity.OfPath(path) is { } found ? new Operations.FileIdentity(found.Device, found.Inode) : null;

    public async ValueTask DisposeAsync()
    {
        Gateway.Upgrade.TrySetResult();
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
