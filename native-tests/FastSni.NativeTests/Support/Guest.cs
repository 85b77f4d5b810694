using System.Globalization;
using System.Net.Sockets;
using FastSni.Handoff;

namespace FastSni.NativeTests.Support;

/// <summary>A client that came through the side door, and its socket. Who disposes of it has ended the connection.</summary>
internal sealed class Guest : IDisposable
{
    private const int SolSocket = 1, SoReceiveLowWater = 18, NonBlocking = 0x800;

    private Guest(HandedOffClient client)
    {
        Client = client;
        // proc(5): the flags of open(2), octal. A Socket of our own does not say.
        string flags = LinesOf($"/proc/self/fdinfo/{client.Descriptor}").Single(line => line.StartsWith("flags:", StringComparison.Ordinal));
        CameNonBlocking = (Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & NonBlocking) != 0;
        Socket = Loopback.Bound(new Socket(new SafeSocketHandle(client.Descriptor, ownsHandle: true)) { Blocking = true });
    }

    internal HandedOffClient Client { get; }

    internal Socket Socket { get; }

    internal bool CameNonBlocking { get; }

    internal int LowWaterBytes
    {
        get
        {
            byte[] value = new byte[sizeof(int)];
            Socket.GetRawSocketOption(SolSocket, SoReceiveLowWater, value);
            return BitConverter.ToInt32(value);
        }
    }

    /// <summary>Some epoll set of this process has the descriptor: fdinfo of an epoll lists its targets (proc(5)).</summary>
    internal bool IsWatched
    {
        get
        {
            string target = Client.Descriptor.ToString(CultureInfo.InvariantCulture);
            return Directory.EnumerateFiles("/proc/self/fdinfo").SelectMany(LinesOf).Any(
                line => line.StartsWith("tfd:", StringComparison.Ordinal) && line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] == target);
        }
    }

    internal static async Task<Guest> TakeAsync(HandoffQueue queue)
    {
        await using IAsyncEnumerator<HandedOffClient> clients = queue.TakeAllAsync().GetAsyncEnumerator();
        await clients.MoveNextAsync().AsTask().WaitAsync(Loopback.Patience);
        return new Guest(clients.Current);
    }

    public void Dispose()
    {
        Socket.Dispose();
        Client.Lease.Return();
    }

    private static string[] LinesOf(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (IOException)
        {
            return [];      // Closed meanwhile.
        }
    }
}
