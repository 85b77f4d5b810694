using System.Net.Sockets;
using System.Text;
using FastSni.NativeTests.Support;

namespace FastSni.NativeTests.Http;

/// <summary>Raw HTTP over a test's sockets, as Latin-1 text.</summary>
internal static class HttpText
{
    internal const string Reset = "<reset>";

    /// <summary>Everything until the peer ends; a reset shows as <see cref="Reset"/> at the end.</summary>
    internal static async Task<string> ReadToEndAsync(Socket socket) => await ReadUntilAsync(socket, _ => false);

    /// <summary>The head of a request or response, with what has come behind it.</summary>
    internal static Task<string> ReadHeadAsync(Socket socket) => ReadUntilAsync(socket, text => text.Contains("\r\n\r\n", StringComparison.Ordinal));

    internal static Task<string> ReadUntilAsync(Socket socket, string end) => ReadUntilAsync(socket, text => text.EndsWith(end, StringComparison.Ordinal));

    internal static Task SendTextAsync(this Socket socket, string text) => socket.SendAllAsync(Encoding.Latin1.GetBytes(text));

    internal static async Task SendAllAsync(this Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes)..];
    }

    private static async Task<string> ReadUntilAsync(Socket socket, Func<string, bool> isEnough)
    {
        using CancellationTokenSource patience = new(Loopback.Patience);
        StringBuilder text = new();
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int count;
            while ((count = await socket.ReceiveAsync(buffer, patience.Token)) > 0)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
                if (isEnough(text.ToString()))
                    break;
            }
        }
        catch (SocketException)
        {
            text.Append(Reset);
        }
        return text.ToString();
    }
}
