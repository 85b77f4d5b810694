using System.Net.Sockets;
using System.Text;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using FastSni.Tests.Wire;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>A client that is refused gets the word it can understand, then an orderly end, and no backend hears of it.</summary>
public class RefusalTests
{
    [Fact]
    public Task A_name_nobody_has_is_answered_with_unrecognized_name() =>
        IsRefusedAsync(Hellos.App, CloseReason.UnknownName, TlsAlert.UnrecognizedName);

    [Fact]
    public Task No_name_at_all_is_answered_with_unrecognized_name() => IsRefusedAsync(Hellos.Nameless, CloseReason.NoName, TlsAlert.UnrecognizedName);

    [Fact]
    public Task A_malformed_hello_is_answered_with_decode_error() =>
        IsRefusedAsync(HelloBuilder.Record([1, 0, 0, 36, .. new byte[34], 0xFF, 0xFF]), CloseReason.HelloMalformed, TlsAlert.DecodeError);

    [Fact]
    public Task A_hello_larger_than_the_limit_is_answered_when_the_limit_is_reached() =>
        IsRefusedAsync(HelloBuilder.Records(HelloBuilder.MessageOf(70_000), 16_384), CloseReason.HelloTooLarge, TlsAlert.DecodeError);

    [Fact]
    public async Task A_limit_below_what_most_hellos_need_is_kept_too()
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup { Options = new GatewayOptions { HelloLimitBytes = 100 } }.Snapshot);
        using Socket client = gateway.Connect(Hellos.App);
        Assert.Equal(TlsAlert.DecodeError.ToArray(), client.ReadToEnd());
        client.Close();
        Assert.Equal(CloseReason.HelloTooLarge, await gateway.NextEndAsync());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: app.example.org\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("EHLO example.org\r\n")]
    [InlineData("\x80\x2e\x01\x00\x02")]
    [InlineData("\x03\x00\x00\x13\x0e\xe0")]
    public Task What_is_no_TLS_is_closed_at_once_and_without_a_word(string first) =>
        IsRefusedAsync(Encoding.Latin1.GetBytes(first), CloseReason.NotTls, []);

    [Fact]
    public Task A_refused_client_may_have_sent_more_than_its_hello() =>
        IsRefusedAsync([.. Hellos.App, .. Pattern.Of(50_000)], CloseReason.UnknownName, TlsAlert.UnrecognizedName);

    [Fact]
    public async Task A_client_that_ends_in_mid_hello_is_told_so()
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup().Snapshot);
        using Socket client = gateway.Connect(Hellos.App.AsSpan(0, 50));
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(TlsAlert.DecodeError.ToArray(), client.ReadToEnd());
        Assert.Equal(CloseReason.HelloMalformed, await gateway.NextEndAsync());
    }

    [Fact]
    public async Task A_client_that_comes_and_goes_without_a_word_leaves_no_trace()
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup().Snapshot);
        using (gateway.Connect())
        {
            // Its end is all it says.
        }
        Assert.Equal(CloseReason.Complete, await gateway.NextEndAsync());
        await gateway.HasSessionsAsync(0);
    }

    [Fact]
    public async Task A_refused_client_that_neither_reads_nor_ends_is_dropped_after_a_moment()
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup().Snapshot);
        using Socket client = gateway.Connect(Hellos.App);
        Assert.Equal(CloseReason.UnknownName, await gateway.NextEndAsync());
        await gateway.HasSessionsAsync(0);
    }

    [Fact]
    public async Task A_refused_client_that_goes_on_sending_is_cut_off()
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup().Snapshot);
        using Socket client = gateway.Connect(Hellos.App);
        var piece = new byte[1024 * 1024];
        Assert.Throws<SocketException>(SendWithoutEnd);
        await gateway.HasSessionsAsync(0);

        void SendWithoutEnd()
        {
            while (true)
                client.SendAll(piece);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(100)]
    public async Task A_hello_that_never_gets_whole_ends_with_the_hello_timeout(int bytes)
    {
        Setup setup = new() { Options = new GatewayOptions { HelloTimeout = TimeSpan.FromMilliseconds(200) } };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Snapshot);
        using Socket client = gateway.Connect(Hellos.App.AsSpan(0, bytes));
        Assert.Empty(client.ReadToEnd());
        client.Close();
        Assert.Equal(CloseReason.HelloTimeout, await gateway.NextEndAsync());
    }

    private static async Task IsRefusedAsync(byte[] sent, CloseReason reason, ReadOnlyMemory<byte> answer)
    {
        using TestGateway gateway = await TestGateway.StartAsync(new Setup().Snapshot);
        using Socket client = gateway.Connect(sent);
        Assert.Equal(answer.ToArray(), client.ReadToEnd());
        client.Close();
        SessionRecord record = await gateway.NextRecordAsync();
        Assert.Equal((reason, "reject"), (record.End, record.Route));
        Assert.Equal(1, gateway.Gateway.Ended(reason));
        await gateway.HasSessionsAsync(0);
    }

    private static Task IsRefusedAsync(byte[] sent, CloseReason reason, ReadOnlySpan<byte> answer) =>
        IsRefusedAsync(sent, reason, (ReadOnlyMemory<byte>)answer.ToArray());
}
