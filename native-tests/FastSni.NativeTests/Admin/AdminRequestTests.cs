using System.Net.Sockets;
using System.Text;
using FastSni.NativeTests.Support;
using Xunit;

namespace FastSni.NativeTests.Admin;

/// <summary>What no well-meaning client sends.</summary>
public sealed class AdminRequestTests
{
    private const string Head = $"POST /bans HTTP/1.1\r\nHost: any.example\r\nAuthorization: Bearer {AdminRig.Token}\r\n";

    [Theory]
    [InlineData("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03 a TLS hello\r\n\r\n")]
    [InlineData("GARBAGE\r\n\r\n")]
    [InlineData("GET /bans HTTP/1.1\r\n\r\n")]
    [InlineData("GET /bans HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData(Head + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n")]
    [InlineData(Head + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n")]
    public async Task What_is_no_HTTP_is_refused_and_the_next_is_served(string bytes)
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        string answer = await TalkAsync(rig, Encoding.Latin1.GetBytes(bytes));
        Assert.Matches("^(|HTTP/1.1 (400|505) .*)", answer);
        Assert.DoesNotContain(" 20", answer[..Math.Min(answer.Length, 20)], StringComparison.Ordinal);
        Assert.Empty(rig.Bans.Asked);
        Assert.Equal(200, (await rig.SendAsync("GET", "/bans")).Status);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: {0}\r\n\r\n", 9_000, 431)]
    [InlineData("GET /{0} HTTP/1.1\r\nHost: a\r\n\r\n", 3_000, 414)]
    [InlineData(Head + "Content-Length: 8193\r\n\r\n{0}", 8_193, 413)]
    [InlineData(Head + "Transfer-Encoding: chunked\r\n\r\n2328\r\n{0}\r\n0\r\n\r\n", 9_000, 413)]
    public async Task What_is_too_long_is_refused(string request, int fillBytes, int status)
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        string answer = await TalkAsync(rig, Encoding.ASCII.GetBytes(request.Replace("{0}", new string('x', fillBytes), StringComparison.Ordinal)));
        // The answer is lost where the end overtakes it: the rest is not waited for.
        Assert.Matches($"^(|HTTP/1.1 {status} [^$]*)$", answer);
        Assert.Empty(rig.Bans.Asked);
        Assert.Equal(200, (await rig.SendAsync("GET", "/bans")).Status);
    }

    [Fact]
    public async Task A_body_that_is_announced_too_long_is_refused_with_a_sentence()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        await using NetworkStream stream = await rig.ConnectAsync();
        // Its end stays open: behind an end there is nobody to answer.
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Head + "Content-Length: 8193\r\n\r\n"));
        string answer = await ReadAsync(stream);
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("""{"error":"the body is longer than 8192 bytes"}""", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_body_of_who_has_no_token_is_not_waited_for()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        await using NetworkStream stream = await rig.ConnectAsync();
        await stream.WriteAsync("POST /bans HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"u8.ToArray());
        byte[] answer = new byte[12];
        await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(Loopback.Patience);
        Assert.Equal("HTTP/1.1 401", Encoding.ASCII.GetString(answer));
    }

    [Fact]
    public async Task A_body_in_pieces_is_one_body()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        await using NetworkStream stream = await rig.ConnectAsync();
        foreach (byte one in Encoding.ASCII.GetBytes(Head + "Connection: close\r\nContent-Length: 26\r\n\r\n{\"address\": \"203.0.113.7\"}"))
            await stream.WriteAsync(new[] { one });
        Assert.StartsWith("HTTP/1.1 201 ", await ReadAsync(stream), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_stops_in_the_middle_of_head_or_body_is_cut_off()
    {
        await using AdminRig rig = await AdminRig.StartAsync();
        await using NetworkStream silent = await rig.ConnectAsync(), inHead = await rig.ConnectAsync(), inBody = await rig.ConnectAsync();
        await inHead.WriteAsync("GET /bans HTTP/1.1\r\nHo"u8.ToArray());
        await inBody.WriteAsync(Encoding.ASCII.GetBytes(Head + "Content-Length: 26\r\n\r\n{\"addr"));
        string[] answers = await Task.WhenAll(ReadAsync(silent), ReadAsync(inHead), ReadAsync(inBody));
        Assert.Equal("", answers[0]);
        Assert.StartsWith("HTTP/1.1 408 ", answers[1], StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 408 ", answers[2], StringComparison.Ordinal);
        Assert.Empty(rig.Bans.Asked);
    }

    private static async Task<string> TalkAsync(AdminRig rig, byte[] bytes)
    {
        await using NetworkStream stream = await rig.ConnectAsync();
        await stream.WriteAsync(bytes);
        stream.Socket.Shutdown(SocketShutdown.Send);
        return await ReadAsync(stream);
    }

    // To the end; an end without order counts as one.
    private static async Task<string> ReadAsync(NetworkStream stream)
    {
        using MemoryStream answer = new();
        try
        {
            await stream.CopyToAsync(answer).WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (IOException)
        {
            // A reset.
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }
}
