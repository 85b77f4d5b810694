using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace FastSni.EndToEnd.Harness;

/// <summary>
/// A network namespace for a gateway and a veth pair into it. Clients and backends stay on this side, with addresses that are no loopback and not the
/// gateway's own: addresses that may be banned.
/// </summary>
internal sealed class GatewayNetwork : IAsyncDisposable
{
    // RFC 2544: 198.18.0.0/15 is for tests of network devices. The IPv6 prefix was drawn by lot (RFC 4193).
    private const int NumbersMax = 512;

    /// <summary>Clients in each block, and the bits of a prefix that holds exactly one block.</summary>
    public const int BlockClients = 8, BlockBits4 = 29, BlockBits6 = 125;

    private readonly int _number;
    private readonly string _name;

    private GatewayNetwork(int number) => (_number, _name) = (number, string.Create(CultureInfo.InvariantCulture, $"fse2e{Environment.ProcessId}x{number}"));

    /// <summary>What a program is started with to be in there; it keeps its process id.</summary>
    public string[] Entry => [Tool.Require("nsenter"), $"--net=/run/netns/{_name}"];

    /// <summary>Skips the test where no namespace may be made.</summary>
    public static async Task<GatewayNetwork> CreateAsync()
    {
        string ip = Tool.Require("ip");
        GatewayNetwork network = new(FreeNumber());
        ToolResult made = await Tool.RunAsync(ip, ["netns", "add", network._name]);
        Skip.If(made.ExitCode != 0, $"no network namespace may be made here, so no client could have an address that may be banned: {made.Error}");
        try
        {
            string veth = $"fs{Environment.ProcessId}x{network._number}";
            ToolResult wired = await Tool.RunAsync(ip, ["link", "add", veth, "type", "veth", "peer", "name", "inside", "netns", network._name]);
            Skip.If(wired.ExitCode != 0, $"no veth pair may be made here, so no client could have an address that may be banned: {wired.Error}");
            await ConfigureAsync(ip, [], network.Own(AddressFamily.InterNetwork, 1), network.Own(AddressFamily.InterNetworkV6, 1), "inside", network._name);
            IEnumerable<IPAddress> here = new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }.SelectMany(
                family => Enumerable.Range(0, 2 * BlockClients).Select(n => network.Client(family, n / BlockClients, n % BlockClients)));
            await ConfigureAsync(ip, here, network.Own(AddressFamily.InterNetwork, 2), network.Own(AddressFamily.InterNetworkV6, 2), veth, null);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public IPEndPoint Listener(AddressFamily family) => new(Own(family, 1), Loopback.NextPort());

    /// <summary>Where a backend that the gateway reaches may listen.</summary>
    public IPEndPoint Backend() => new(Own(AddressFamily.InterNetwork, 2), Loopback.NextPort());

    /// <param name="block">0 or 1: blocks that share no prefix of <see cref="BlockBits4"/> or <see cref="BlockBits6"/> bits.</param>
    public IPAddress Client(AddressFamily family, int block, int number) => Own(family, (BlockClients * (block + 2)) + number);

    public string BlockPrefix(AddressFamily family, int block) => string.Create(
        CultureInfo.InvariantCulture, $"{Client(family, block, 0)}/{(family == AddressFamily.InterNetwork ? BlockBits4 : BlockBits6)}");

    public async ValueTask DisposeAsync() =>
        // The pair goes with it, and with the pair the addresses on this side.
        await Tool.RunAsync(Tool.Require("ip"), ["netns", "del", _name]);

    private IPAddress Own(AddressFamily family, int number) => family == AddressFamily.InterNetwork
        ? new IPAddress([198, (byte)(18 + (_number / 256)), (byte)_number, (byte)number])
        : new IPAddress([0xFD, 0x5B, 0x9E, 0x21, 0x77, 0xC4, (byte)(_number / 256), (byte)_number, 0, 0, 0, 0, 0, 0, 0, (byte)number]);

    private static async Task ConfigureAsync(string ip, IEnumerable<IPAddress> more, IPAddress v4, IPAddress v6, string link, string? within)
    {
        // Without duplicate address detection, which takes a second or two.
        string batch = string.Concat(more.Prepend(v4).Append(v6).Select(address => address.AddressFamily == AddressFamily.InterNetwork
            ? $"addr add {address}/24 dev {link}\n" : $"addr add {address}/64 dev {link} nodad\n")) + $"link set {link} up\n" + (within is null ? "" : "link set lo up\n");
        (await Tool.RunAsync(ip, [.. within is null ? Array.Empty<string>() : ["-n", within], "-batch", "-"], batch)).AssertSuccess();
    }

    private static int FreeNumber()
    {
        HashSet<string> taken = [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(link => link.GetIPProperties().UnicastAddresses).Select(known => known.Address.ToString())];
        int number = Random.Shared.Next(NumbersMax);
        while (taken.Contains(new GatewayNetwork(number).Own(AddressFamily.InterNetwork, 2).ToString()))
            number = (number + 1) % NumbersMax;
        return number;
    }
}
