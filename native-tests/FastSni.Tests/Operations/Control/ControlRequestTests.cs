using System.Text;
using System.Text.Json;
using FastSni.Operations;
using Xunit;

namespace FastSni.Tests.Operations.Control;

/// <summary>A request's line: what is understood, and what is said of the rest.</summary>
public sealed class ControlRequestTests
{
    public static TheoryData<ControlRequest> Requests() =>
    [
        new(ControlCommand.Version), new(ControlCommand.Status), new(ControlCommand.Sessions), new(ControlCommand.Sessions) { Limit = 7 }, new(ControlCommand.Bans),
        new(ControlCommand.Close) { Id = long.MaxValue }, new(ControlCommand.Reload), new(ControlCommand.Upgrade),
        new(ControlCommand.Drain) { Target = "listen:smtp" }, new(ControlCommand.Undrain) { Target = "a/192.0.2.1:443" },
        new(ControlCommand.Ban) { Address = "2001:db8::/32", For = "1h", Reason = "sshd: \"räuber\"" }, new(ControlCommand.Ban) { Address = "192.0.2.7" },
        new(ControlCommand.Unban) { Address = "192.0.2.7" },
    ];

    [Theory]
    [MemberData(nameof(Requests))]
    public void What_the_client_writes_the_gateway_reads(ControlRequest request)
    {
        byte[] line = JsonSerializer.SerializeToUtf8Bytes(request.ToLine(), ControlJson.Default.ControlRequestLine);
        Assert.Null(ControlRequestReader.Read(line, out ControlRequest read));
        Assert.Equal(request, read);
    }

    [Fact]
    public void The_documented_line_is_read()
    {
        Assert.Null(Read("""{"version":1,"command":"ban","address":"192.0.2.7","for":"1h","reason":"ssh"}""", out ControlRequest request));
        Assert.Equal(new ControlRequest(ControlCommand.Ban) { Address = "192.0.2.7", For = "1h", Reason = "ssh" }, request);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1\r")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("1e999999999")]
    [InlineData("{\"version\":1,\"command\":\"status\"} {}")]
    [InlineData("{\"version\":1,\"command\":\"status\",}")]
    [InlineData("{\"version\":1,\"command\":\"status\",\"command\":\"ban\"}")]
    [InlineData("{\"version\":1,\"command\":\"status\",\"comm\\u0061nd\":\"ban\"}")]
    [InlineData("{\"version\":1,\"command\":\"status\",\"a\":[[[[[[[[[[]]]]]]]]]]}")]
    [InlineData("{\"version\":1,\"command\":\"drain\",\"target\":\"\\ud800\"}")]
    [InlineData("{\"version\":1,\"command\":\"\\udfff\"}")]
    [InlineData("{\"version\":1,\"command\":\"status\",\"\\ud800\":1}")]
    public void What_is_no_request_is_called_so(string line) => Assert.Contains("no JSON object", Read(line, out _), StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_no_text_are_called_so()
    {
        Assert.Equal("the line is no UTF-8", ControlRequestReader.Read(new byte[] { (byte)'"', 0xC3, 0x28, (byte)'"' }, out _));
        Assert.Equal("the line is no UTF-8", ControlRequestReader.Read(Enumerable.Repeat((byte)0xFF, 60_000).ToArray(), out _));
    }

    [Fact]
    public void A_thousand_brackets_are_an_error_and_no_deep_stack() =>
        Assert.Contains("nested", Read(new string('[', 60_000), out _), StringComparison.Ordinal);

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"command\":\"status\"}")]
    [InlineData("{\"version\":2,\"command\":\"status\"}")]
    [InlineData("{\"version\":\"1\",\"command\":\"status\"}")]
    [InlineData("{\"version\":1.5,\"command\":\"status\"}")]
    [InlineData("{\"version\":1e999,\"command\":\"status\"}")]
    [InlineData("{\"version\":99999999999999999999,\"command\":\"status\"}")]
    public void Another_version_is_refused(string line) => Assert.Contains("speaks version 1", Read(line, out _), StringComparison.Ordinal);

    [Theory]
    [InlineData("{\"version\":1}")]
    [InlineData("{\"version\":1,\"command\":7}")]
    [InlineData("{\"version\":1,\"command\":\"halt\"}")]
    [InlineData("{\"version\":1,\"command\":\"STATUS\"}")]
    public void An_unknown_command_is_answered_with_the_list(string line) =>
        Assert.EndsWith("ban, bans, close, drain, reload, sessions, status, unban, undrain, upgrade, version", Read(line, out _), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"ban\",\"address\":\"192.0.2.7\",\"fro\":\"1h\"", "ban has no field \"fro\"")]
    [InlineData("\"status\",\"id\":1", "status has no field \"id\"")]
    [InlineData("\"status\",\"\\u001b[2J\":1", "status has no field \"\\u{1B}[2J\"")]
    [InlineData("\"ban\"", "ban needs the field \"address\"")]
    [InlineData("\"close\"", "close needs the field \"id\"")]
    [InlineData("\"undrain\"", "undrain needs the field \"target\"")]
    [InlineData("\"ban\",\"address\":null", "\"address\" must be a string")]
    [InlineData("\"ban\",\"address\":[\"192.0.2.7\"]", "\"address\" must be a string")]
    [InlineData("\"close\",\"id\":\"7\"", "\"id\" must be a whole number")]
    [InlineData("\"close\",\"id\":7.5", "\"id\" must be a whole number")]
    [InlineData("\"close\",\"id\":9223372036854775808", "\"id\" must be a whole number")]
    [InlineData("\"sessions\",\"limit\":0", "\"limit\" must be a whole number from 1 to 10000")]
    [InlineData("\"sessions\",\"limit\":10001", "\"limit\" must be a whole number from 1 to 10000")]
    [InlineData("\"sessions\",\"limit\":{}", "\"limit\" must be a whole number from 1 to 10000")]
    public void A_wrong_field_is_named(string rest, string sentence) =>
        Assert.StartsWith(sentence, Read($"{{\"version\":1,\"command\":{rest}}}", out _), StringComparison.Ordinal);

    [Fact]
    public void Any_line_of_random_bytes_has_an_answer()
    {
        Random random = new(4);
        byte[] sound = Encoding.UTF8.GetBytes("""{"version":1,"command":"ban","address":"192.0.2.7","for":"1h","reason":"\u00e4"}""");
        for (int round = 0; round < 20_000; round++)
        {
            byte[] line = [.. sound];
            for (int change = random.Next(4); change >= 0; change--)
                line[random.Next(line.Length)] = (byte)random.Next(256);
            if (ControlRequestReader.Read(line.AsMemory(0, random.Next(line.Length + 1)), out ControlRequest request) is { } sentence)
                Assert.NotEmpty(sentence);
            else
                Assert.NotNull(request.Address);
        }
    }

    private static string? Read(string line, out ControlRequest request) => ControlRequestReader.Read(Encoding.UTF8.GetBytes(line), out request);
}
