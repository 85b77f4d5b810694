using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FastSni.NativeTests.Support;

namespace FastSni.NativeTests.Http;

/// <summary>For answers of megabytes.</summary>
internal static class HttpTextFast
{
    internal static async Task<string> ReadToEndAsync(Socket socket)
    {
        using CancellationTokenSource patience = new(Loopback.Patience);
        using MemoryStream all = new();
        byte[] buffer = new byte[64 * 1024];
        int count;
        while ((count = await socket.ReceiveAsync(buffer, patience.Token)) > 0)
            all.Write(buffer, 0, count);
        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>The body of a chunked answer.</summary>
    internal static string Unchunked(string answer)
    {
        StringBuilder body = new();
        int at = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        while (true)
        {
            int end = answer.IndexOf("\r\n", at, StringComparison.Ordinal);
            int size = int.Parse(answer.AsSpan(at, end - at), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
                return body.ToString();
            body.Append(answer, end + 2, size);
            at = end + 2 + size + 2;
        }
    }
}
