using System.Net.Sockets;
using System.Text;
using FastSni.Config;
using Microsoft.Win32.SafeHandles;

namespace FastSni.Operations;

/// <summary>The listening socket and its name in the file system.</summary>
internal sealed class ControlSocketFile : IDisposable
{
    private const UnixFileMode
        SocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
        FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    /// <summary>sockaddr_un keeps 108 bytes, the closing NUL included.</summary>
    private const int PathBytesMax = 107;

    private const int Backlog = 64;

    private readonly string _path;
    private readonly Func<string, FileIdentity?> _identify;
    private readonly FileIdentity? _identity;
    private volatile bool _isLeft;

    private ControlSocketFile(Socket listener, string path, Func<string, FileIdentity?> identify)
    {
        (Listener, _path, _identify, _identity) = (listener, path, identify, identify(path));
        Owner = PeerCredentials.Of(listener);
    }

    public Socket Listener { get; }

    public PeerCredentials Owner { get; }

    /// <summary>Listens at the path. What was there is replaced in one step, so that at no moment nobody answers.</summary>
    /// <param name="predecessor">The process whose live socket may be replaced.</param>
    /// <returns>Why not, or null.</returns>
    public static string? TryOpen(string path, int? predecessor, Func<string, FileIdentity?> identify, out ControlSocketFile? opened)
    {
        opened = null;
        string folder = Path.GetDirectoryName(path) ?? "/";
        string temporary = Path.Join(folder, $".{Environment.ProcessId}");
        if (Encoding.UTF8.GetByteCount(path) > PathBytesMax || Encoding.UTF8.GetByteCount(temporary) > PathBytesMax)
            return $"{path}: the path is too long for a socket: use one of at most {PathBytesMax - 8} bytes";
        if (FindOccupant(path, predecessor) is { } occupant)
            return occupant;
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (!Directory.Exists(folder))
                Directory.CreateDirectory(folder, FolderMode);
            File.Delete(temporary);
            listener.Bind(new UnixDomainSocketEndPoint(temporary));
            // Nobody can connect before listen(2), and then the mode holds.
            File.SetUnixFileMode(temporary, SocketMode);
            listener.Listen(Backlog);
            File.Move(temporary, path, overwrite: true);
            opened = new ControlSocketFile(listener, path, identify);
            return null;
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException)
        {
            listener.Dispose();
            return $"{path}: the control socket could not be made there: the service user must be able to write in {folder} ({CodeOf(exception)})";
        }
    }

    /// <summary>The name is another process's to take and to keep from now on. To ask whose it is and then to remove it would be two steps, with its own between them.</summary>
    public void LeavePath() => _isLeft = true;

    /// <summary>Removes the name, if it still leads to this socket and was not left, and stops listening.</summary>
    public void Dispose()
    {
        try
        {
            if (!_isLeft && _identity is not null && _identify(_path) == _identity)
                File.Delete(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It stays behind as a file at which nobody answers; the next start replaces it.
        }
        Listener.Dispose();
    }

    /// <returns>What forbids to take the path, or null.</returns>
    private static string? FindOccupant(string path, int? predecessor)
    {
        if (Directory.Exists(path))
            return $"{path}: is a directory: the control socket needs the path of a file";
        if (IsOtherThanSocket(path))
            return $"{path}: there is a file that is no socket: remove it, or choose another path";
        using Socket caller = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            caller.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException exception)
        {
            // Non-blocking, a full backlog is EAGAIN: somebody is there, and will not say who.
            return exception.SocketErrorCode is SocketError.WouldBlock or SocketError.AccessDenied ? Occupied("somebody") : null;
        }
        int owner = PeerCredentials.Of(caller).ProcessId;
        return owner == predecessor ? null : Occupied($"process {owner}");

        string Occupied(string who) => $"{path}: {who} answers there already: is another gateway running? Stop it, or give this one another path";
    }

    /// <summary>A file, a device or a pipe, which is not ours to replace.</summary>
    private static bool IsOtherThanSocket(string path)
    {
        if (!File.Exists(path))
            return false;
        if (new FileInfo(path).Length > 0 || NamedPipe.IsAt(path))
            return true;
        try
        {
            // What connect(2) says of an empty file and of a dead socket is the same, but a socket can't be opened (ENXIO).
            using SafeFileHandle file = File.OpenHandle(path);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string CodeOf(Exception exception) => exception is SocketException socket ? socket.SocketErrorCode.ToString() : $"error {exception.HResult}";
}
