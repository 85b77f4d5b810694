using System.Net;

namespace FastSni.EndToEnd.Harness;

/// <summary>A shipped file of config/backends, read with the test's addresses in the place of the file's own.</summary>
internal static class Snippet
{
    // Where the gateway's connections over loopback come from.
    private static readonly string GatewayAddress = IPAddress.Loopback.ToString();

    /// <param name="server">The address and port of the server that includes it; its address alone stands where the file has no port.</param>
    public static string Text(string file, IPEndPoint server) => File.ReadAllText(Path.Combine(GatewayBinary.RepositoryRoot, "config", "backends", file))
        .Replace("192.168.99.11:443", server.ToString(), StringComparison.Ordinal)
        .Replace("192.168.99.11", server.Address.ToString(), StringComparison.Ordinal)
        .Replace("192.168.99.1", GatewayAddress, StringComparison.Ordinal);

    /// <summary>The lines the file offers behind `#   `, put into force from the one that begins with this text on, as many as are asked for.</summary>
    public static string Offered(string text, string beginning, int count = 1) => string.Join('\n', text.Split('\n')
        .Where(line => line.StartsWith("#   ", StringComparison.Ordinal)).Select(line => line[4..])
        .SkipWhile(line => !line.StartsWith(beginning, StringComparison.Ordinal)).Take(count)) + "\n";

    /// <summary>Writes the file beside a server's configuration, for an include.</summary>
    public static string Write(string directory, string file, IPEndPoint server)
    {
        string path = Path.Combine(directory, file);
        File.WriteAllText(path, Text(file, server));
        return path;
    }
}
