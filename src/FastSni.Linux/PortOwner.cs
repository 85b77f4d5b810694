using System.Globalization;
using System.Net;
using FastSni.Wire;

namespace FastSni.Linux;

/// <summary>Which process listens on an address, as far as /proc lets us see (proc(5)): an unprivileged user sees only processes of its own.</summary>
public static class PortOwner
{
    private const string Listening = "0A";
    private const int HeaderFields = 10, AddressField = 1, StateField = 3, InodeField = 9;

    /// <returns>`nginx (pid 1234)`, or null where nobody is found.</returns>
    public static string? TryFind(IpEndpoint address)
    {
        HashSet<string> links;
        try
        {
            links = [.. Inodes("/proc/net/tcp", address).Concat(Inodes("/proc/net/tcp6", address)).Select(inode => $"socket:[{inode}]")];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;    // A sandbox may keep us from it.
        }
        if (links.Count == 0)
            return null;
        IEnumerable<string> processes = Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]));
        return processes.FirstOrDefault(process => Holds(process, links)) is { } owner ? $"{NameOf(owner)} (pid {Path.GetFileName(owner)})" : null;
    }

    private static IEnumerable<string> Inodes(string table, IpEndpoint wanted)
    {
        if (!File.Exists(table))
            yield break;
        foreach (string line in File.ReadLines(table).Skip(1))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            // The kernel lists the listening sockets first; behind them may be hundreds of thousands of others.
            if (fields.Length < HeaderFields || fields[StateField] != Listening)
                yield break;
            if (IsInTheWay(fields[AddressField], wanted))
                yield return fields[InodeField];
        }
    }

    // The address is written as 32-bit words of the machine's byte order, the port as a number.
    private static bool IsInTheWay(string text, IpEndpoint wanted)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon is not (8 or 32) || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ushort port))
            return false;
        if (port != wanted.Port)
            return false;
        byte[] bytes = Convert.FromHexString(text.AsSpan(0, colon));
        if (BitConverter.IsLittleEndian)
        {
            for (int word = 0; word < bytes.Length; word += sizeof(uint))
                bytes.AsSpan(word, sizeof(uint)).Reverse();
        }
        IPAddress address = new(bytes), other = wanted.ToIPAddress();
        // A wildcard of IPv6 may take the clients of IPv4 too.
        return address.Equals(IPAddress.IPv6Any) || (address.AddressFamily == other.AddressFamily && (address.Equals(other) || IsAny(address) || IsAny(other)));
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    // Not ours to look at, or gone meanwhile: then it is not found.
    private static bool Holds(string process, HashSet<string> links)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(process, "fd")).Any(entry => new FileInfo(entry).LinkTarget is { } target && links.Contains(target));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // A process gives itself its name: what could forge a line of the log is left out.
    private static string NameOf(string process)
    {
        try
        {
            string name = File.ReadAllText(Path.Combine(process, "comm")).TrimEnd('\n');
            return string.Concat(name.Select(character => character is > ' ' and <= '~' ? character : '?'));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "a process";
        }
    }
}
