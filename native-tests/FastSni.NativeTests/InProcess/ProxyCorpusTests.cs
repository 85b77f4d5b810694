using System.Net;
using System.Net.Sockets;
using FastSni.Config;
using FastSni.NativeTests.Support;
using FastSni.Telemetry;
using FastSni.Tests.Wire;
using FastSni.Wire;
using Xunit;

namespace FastSni.NativeTests.InProcess;

/// <summary>The public corpus of PROXY headers, played through a whole gateway.</summary>
public class ProxyCorpusTests
{
    private const int BytewiseMax = 512, LargePieceBytes = 97;

    [Theory]
    [InlineData(ProxyProtocol.V1, false)]
    [InlineData(ProxyProtocol.V2, false)]
    [InlineData(ProxyProtocol.V2, true)]
    public async Task Every_header_of_the_corpus_has_the_allowed_end_and_its_payload_arrives_unchanged(ProxyProtocol outwards, bool isDripped)
    {
        using Backend backend = Backend.Start();
        Setup setup = Setup.To(backend, outwards) with { Mode = ListenMode.Tcp };
        await PlayAllAsync(setup, row => row.Bytes, async (gateway, bytes, expected) =>
        {
            using Socket client = gateway.Connect();
            (IpEndpoint, IpEndpoint) wanted = Wanted(expected, client);
            Send(client, bytes, isDripped);
            if (expected.Verdict is not ("ok" or "local"))
                return await FaultOfRefusalAsync(gateway, client, backend);
            client.Shutdown(SocketShutdown.Send);
            using Socket server = await backend.AcceptAsync();
            byte[] received = server.ReadToEnd();
            server.Close();
            client.ReadToEnd();
            ProxyOutcome told = ProxyOutcome.Of(received);
            SessionRecord record = await gateway.NextRecordAsync();
            if (!received.AsSpan(told.Bytes).SequenceEqual(bytes.AsSpan(expected.Bytes)))
                return "not the payload that was sent";
            return Fault(wanted, (told.Source, told.Destination)) ?? (record.Client == told.Source && record.End == CloseReason.Complete ? null : record.ToString());
        });
    }

    [Fact]
    public async Task So_has_every_header_before_a_hello()
    {
        using Backend backend = Backend.Start();
        await PlayAllAsync(Setup.To(backend, ProxyProtocol.V2), HeaderAndHello, async (gateway, bytes, expected) =>
        {
            using Socket client = gateway.Connect();
            (IpEndpoint, IpEndpoint) wanted = Wanted(expected, client);
            Send(client, bytes, isDripped: false);
            if (expected.Verdict is not ("ok" or "local"))
                return await FaultOfRefusalAsync(gateway, client, backend);
            client.Shutdown(SocketShutdown.Send);
            using Socket server = await backend.AcceptAsync();
            byte[] received = server.ReadToEnd();
            server.Close();
            ProxyOutcome told = ProxyOutcome.Of(received);
            await gateway.NextEndAsync();
            return received.AsSpan(told.Bytes).SequenceEqual(Hellos.App) ? Fault(wanted, (told.Source, told.Destination)) : "not the hello that was sent";
        });
    }

    [Fact]
    public async Task And_every_header_of_a_client_that_is_handed_over()
    {
        using Backend nobody = Backend.Start();
        await PlayAllAsync(new Setup { Mode = ListenMode.Http }, row => row.Bytes, async (gateway, bytes, expected) =>
        {
            using Socket client = gateway.Connect();
            (IpEndpoint, IpEndpoint) wanted = Wanted(expected, client);
            Send(client, bytes, isDripped: false);
            if (expected.Verdict is not ("ok" or "local"))
                return await FaultOfRefusalAsync(gateway, client, nobody);
            client.Shutdown(SocketShutdown.Send);
            using Guest guest = await Guest.TakeAsync(gateway.Handoffs);
            return guest.Socket.ReadToEnd().AsSpan().SequenceEqual(bytes.AsSpan(expected.Bytes))
                ? Fault(wanted, (guest.Client.Client, guest.Client.Local))
                : "not the payload that was sent";
        });
    }

    private static async Task PlayAllAsync(Setup setup, Func<ProxyRow, byte[]> bytesOf, Func<TestGateway, byte[], ProxyOutcome, Task<string?>> play)
    {
        setup = setup with { Options = new() { ProxyHeaderTimeout = TimeSpan.FromSeconds(0.1) } };
        using TestGateway gateway = await TestGateway.StartAsync(setup.Behind(AcceptProxy.Require).Snapshot);
        List<string> wrong = [];
        foreach (ProxyRow row in ProxyRow.All)
        {
            byte[] bytes = bytesOf(row);
            if (await play(gateway, bytes, ProxyOutcome.Of(bytes)) is { } fault)
                wrong.Add($"{row.Id}: {fault}");
        }
        Assert.Empty(wrong);
        await gateway.HasSessionsAsync(0);
    }

    // What a verdict is due to may lie behind a header that is none, so only whole ones are cut.
    private static byte[] HeaderAndHello(ProxyRow row) =>
        ProxyOutcome.Of(row.Bytes) is { Status: ProxyHeaderStatus.Complete } header ? [.. row.Bytes[..header.Bytes], .. Hellos.App] : row.Bytes;

    private static void Send(Socket client, byte[] bytes, bool isDripped)
    {
        int pieceBytes = !isDripped ? bytes.Length : bytes.Length <= BytewiseMax ? 1 : LargePieceBytes;
        try
        {
            foreach (byte[] piece in bytes.Chunk(Math.Max(pieceBytes, 1)))
                client.SendAll(piece);
        }
        catch (SocketException)
        {
            // Refused before it had sent everything.
        }
    }

    // A socket that has ended no longer says where it was connected.
    private static (IpEndpoint Source, IpEndpoint Destination) Wanted(ProxyOutcome expected, Socket client) =>
        expected.Source.IsNone ? (Of(client.LocalEndPoint), Of(client.RemoteEndPoint)) : (expected.Source, expected.Destination);

    private static string? Fault((IpEndpoint, IpEndpoint) wanted, (IpEndpoint, IpEndpoint) told) => told == wanted ? null : $"{told} for {wanted}";

    private static IpEndpoint Of(EndPoint? endpoint) => IpEndpoint.Create(((IPEndPoint)endpoint!).Address, ((IPEndPoint)endpoint).Port);

    private static async Task<string?> FaultOfRefusalAsync(TestGateway gateway, Socket client, Backend backend)
    {
        byte[] answer = client.ReadToLast().Bytes;
        client.Close();
        CloseReason end = await gateway.NextEndAsync();
        return end == CloseReason.ProxyHeader && answer.Length == 0 && !backend.HasCallers ? null : $"{end}, {answer.Length} bytes, contacted: {backend.HasCallers}";
    }
}
