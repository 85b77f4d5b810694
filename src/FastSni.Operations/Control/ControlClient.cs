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
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), patience.Token);
            await using NetworkStream stream = new(socket);
            await SendAsync(socket, request, patience.Token);
            ControlReply? reply = await JsonSerializer.DeserializeAsync(stream, ControlJson.Default.ControlReply, patience.Token);
            return reply?.Version == ControlRequest.ProtocolVersion
                ? new ControlExchange(reply, null)
                : Failed($"the gateway at {path} does not speak version {ControlRequest.ProtocolVersion} of the protocol: is it another version of the program?");
        }
        catch (SocketException exception)
        {
            return Failed(Explain(path, exception.SocketErrorCode));
        }
        catch (Exception exception) when (exception is IOException or JsonException)
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

    // The end behind the request makes the gateway close behind the answer. Who is not wanted may be closed before: then there is an answer to read.
    private static async Task SendAsync(Socket socket, ControlRequest request, CancellationToken cancel)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(request.ToLine(), ControlJson.Default.ControlRequestLine), (byte)'\n'];
        try
        {
            await socket.SendAsync(line, SocketFlags.None, cancel);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            return;
        }
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
