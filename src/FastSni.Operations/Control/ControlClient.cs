using System.Buffers;
using System.Net.Sockets;
using System.Text.Json;

namespace FastSni.Operations;

/// <summary>Asks a running gateway one thing.</summary>
public static class ControlClient
{
    /// <summary>An upgrade loads the configuration and waits for the new process.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task<ControlExchange> AskAsync(string path, ControlRequest request)
    {
        using CancellationTokenSource patience = new(Patience);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Not the asynchronous call: it fails at once where others wait at the socket already (EAGAIN), and this one waits with them.
            socket.Connect(new UnixDomainSocketEndPoint(path));
            await SendAsync(socket, request, patience.Token);
            ReadOnlyMemory<byte> line = await ReadLineAsync(socket, patience.Token);
            ControlReply? reply = JsonSerializer.Deserialize(line.Span, ControlJson.Default.ControlReply);
            return reply?.Version == ControlRequest.ProtocolVersion
                ? new ControlExchange(reply, null)
                : Failed($"the gateway at {path} does not speak version {ControlRequest.ProtocolVersion} of the protocol: is it another version of the program?");
        }
        catch (SocketException exception)
        {
            return Failed(Explain(path, exception.SocketErrorCode));
        }
        catch (Exception exception) when (exception is EndOfStreamException or JsonException)
        {
            return Failed($"the gateway at {path} gave no whole answer: has it stopped? Its log may say more");
        }
        catch (OperationCanceledException)
        {
            return Failed($"the gateway at {path} gave no answer within {Patience.TotalMinutes} minutes: its log may say more");
        }
        catch (ArgumentException)
        {
            return Failed($"{path} is no path of a socket: it is empty or too long");
        }
    }

    // Who is not wanted may be closed before the request is sent: then there is an answer to read all the same.
    private static async Task SendAsync(Socket socket, ControlRequest request, CancellationToken cancel)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(request.ToLine(), ControlJson.Default.ControlRequestLine), (byte)'\n'];
        try
        {
            await socket.SendAsync(line, SocketFlags.None, cancel);
        }
        catch (SocketException)
        {
            return;
        }
    }

    // To the line feed and no further: behind the answer of who was not wanted stands a reset.
    private static async Task<ReadOnlyMemory<byte>> ReadLineAsync(Socket socket, CancellationToken cancel)
    {
        ArrayBufferWriter<byte> line = new();
        while (line.WrittenCount == 0 || line.WrittenSpan[^1] != '\n')
        {
            int bytes = await socket.ReceiveAsync(line.GetMemory(sizeHint: 4096), SocketFlags.None, cancel);
            if (bytes == 0)
                throw new EndOfStreamException();
            line.Advance(bytes);
        }
        return line.WrittenMemory;
    }

    private static ControlExchange Failed(string trouble) => new(null, trouble);

    private static string Explain(string path, SocketError error) => error switch
    {
        SocketError.AccessDenied => $"{path}: permission denied: ask as root or as a member of group fastsni",
        SocketError.AddressNotAvailable => $"{path}: there is no such socket: is the gateway running, and is this the [admin] socket of its configuration?",
        SocketError.ConnectionRefused => $"{path}: nobody answers: the gateway is not running",
        _ => $"{path}: the gateway could not be reached ({error}): is it running?",
    };
}

/// <summary>An answer, or why there is none; exactly one of the two.</summary>
/// <param name="Trouble">A sentence with what to do.</param>
public sealed record ControlExchange(ControlReply? Reply, string? Trouble);
