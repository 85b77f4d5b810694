using System.Net.Sockets;
using System.Text;

namespace FastSni.EndToEnd.Harness;

/// <summary>One connection a backend accepted: what it saw, for the test to look at, and the moves its script makes.</summary>
internal sealed class BackendSession(Socket socket, TestBackend backend) : SocketPeer(socket)
{
    private const int HeaderBytesMax = 4096;

    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TestBackend Backend { get; } = backend;

    /// <summary>The PROXY header, once read; null without one.</summary>
    public ProxyHeader? Header { get; private set; }

    /// <summary>How many bytes the very first read found.</summary>
    public int FirstReadBytes { get; private set; }

    /// <summary>What came behind the header, as far as the script kept it.</summary>
    public byte[] Payload { get; set; } = [];

    public Ending Ending { get; set; }

    /// <summary>Done when the script is; faulted with what went wrong there.</summary>
    public Task Finished => _finished.Task;

    /// <summary>Who the backend believes the client is: the header's source, else the socket's other end.</summary>
    public string Peer => Header is not null ? Header.Source?.ToString() ?? "unknown" : Socket.RemoteEndPoint?.ToString() ?? "unix";

    /// <summary>Takes exactly the PROXY header off the stream.</summary>
    public async Task ReadHeaderAsync()
    {
        byte[] buffer = new byte[65_536];
        while (true)
        {
            int seen = await ReceiveAsync(buffer, SocketFlags.Peek);
            if (FirstReadBytes == 0)
                FirstReadBytes = seen;
            if (seen == 0)
                return;
            Header = ProxyHeader.Read(buffer.AsSpan(0, seen));
            if (Header is not null)
                break;
            Assert.True(seen < HeaderBytesMax, "a PROXY header without an end");
            await Task.Delay(1);
        }
        await ReceiveExactlyAsync(Header.Raw.Length);
    }

    /// <summary>Reads on to the end and keeps it all.</summary>
    public async Task KeepTheRestAsync()
    {
        Transcript rest = await ReceiveToEndAsync(TimeSpan.FromSeconds(60));
        (Payload, Ending) = ([.. Payload, .. rest.Bytes], rest.Ending);
    }

    internal async Task RunAsync(Func<BackendSession, Task> script)
    {
        try
        {
            if (Socket.AddressFamily != AddressFamily.Unix)
                Socket.NoDelay = true;
            if (Backend.ExpectsProxy)
                await ReadHeaderAsync();
            Backend.Identified(this);
            await script(this);
            _finished.SetResult();
        }
        catch (SocketException)
        {
            // The other side went away: ordinary life. What it meant is in what the script recorded until then.
            Ending = Ending.Reset;
            _finished.SetResult();
        }
        catch (ObjectDisposedException)
        {
            _finished.SetResult();
        }
        catch (Exception wrong)
        {
            _finished.SetException(wrong);
            Backend.Report(wrong);
        }
        finally
        {
            Dispose();
        }
    }
}

/// <summary>What backends do.</summary>
internal static class Scripts
{
    /// <summary>Waits for the first payload byte, answers "name peer\n", keeps all that comes until the client ends, then ends too.</summary>
    public static async Task AnswerAsync(BackendSession session)
    {
        byte[] first = new byte[65_536];
        int count = await session.ReceiveAsync(first);
        session.Payload = first[..count];
        if (count > 0)
            await session.SendAsync(Encoding.ASCII.GetBytes($"{session.Backend.Name} {session.Peer}\n"));
        if (count > 0)
            await session.KeepTheRestAsync();
        else
            session.Ending = Ending.Fin;
    }

    /// <summary>Gives back every byte as it comes.</summary>
    public static async Task EchoAsync(BackendSession session)
    {
        byte[] buffer = new byte[65_536];
        while (await session.ReceiveAsync(buffer) is int count and > 0)
            await session.SendAsync(buffer.AsMemory(0, count));
        session.Ending = Ending.Fin;
    }

    /// <summary>Reads to the end and then tells all it saw: the PROXY header in hexadecimal, a blank, the rest in hexadecimal.</summary>
    public static async Task MirrorAsync(BackendSession session)
    {
        await session.KeepTheRestAsync();
        await session.SendAsync($"{Convert.ToHexString(session.Header?.Raw ?? [])} {Convert.ToHexString(session.Payload)}");
    }

    /// <summary>Accepts, and then never reads or writes a byte.</summary>
    public static Task HoldAsync(BackendSession session) => session.Backend.Stopping;
}
