using System.Text;
using Microsoft.Extensions.Logging;

namespace FastSni.Bans;

/// <summary>The file of bans by command, by which they outlive the process. One caller at a time.</summary>
internal sealed class BanStore(string directory, ILogger log, TimeProvider time)
{
    internal const string FileName = "bans";

    internal static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10), SayAgainAfter = TimeSpan.FromMinutes(5);

    private const int LinesToldMax = 5;
    private const UnixFileMode DirectoryMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
    private const UnixFileMode FileMode640 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private readonly string _path = Path.Combine(directory, FileName);
    private FileStamp? _seen;
    private long? _failedAt;
    private long? _toldAt;

    /// <summary>What the file holds, the newest first; null if it can't be read, and then it is put aside, so that nothing overwrites it.</summary>
    internal IReadOnlyList<Ban>? Load()
    {
        try
        {
            return File.Exists(_path) || Directory.Exists(_path) ? Read() : [];
        }
        catch (Exception failure) when (FileTrouble.IsExpected(failure))
        {
            PutAside(FileTrouble.Describe(failure, _path));
            return null;
        }
    }

    /// <summary>What the file holds, the newest first, if that is something else than at the last call; null if not, or if it can't be read now.</summary>
    internal IReadOnlyList<Ban>? LoadIfChanged()
    {
        try
        {
            FileStamp stamp = FileStamp.Of(_path);
            if (stamp == _seen)
                return null;
            IReadOnlyList<Ban> bans = Read();
            _seen = stamp;
            return bans;
        }
        catch (Exception failure) when (FileTrouble.IsExpected(failure))
        {
            return null;
        }
    }

    /// <summary>Replaces the file as a whole, and waits until it is on the disk.</summary>
    /// <param name="bans">The newest first.</param>
    /// <returns>False: not now; <see cref="MayTry"/> says when again.</returns>
    internal bool TrySave(IReadOnlyList<Ban> bans)
    {
        try
        {
            Write(bans);
            if (_failedAt is not null)
                Log.SavedAgain(log, _path);
            _failedAt = _toldAt = null;
            return true;
        }
        catch (Exception failure) when (FileTrouble.IsExpected(failure))
        {
            _failedAt = time.GetTimestamp();
            if (_toldAt is not { } told || time.GetElapsedTime(told) >= SayAgainAfter)
            {
                _toldAt = _failedAt;
                Log.NotSaved(log, _path, FileTrouble.Describe(failure, _path));
            }
            return false;
        }
    }

    internal bool MayTry => _failedAt is not { } failed || time.GetElapsedTime(failed) >= RetryAfter;

    private List<Ban> Read()
    {
        List<Ban> bans = [];
        int number = 0, broken = 0;
        using StreamReader reader = LimitedFile.Open(_path);
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#'))
                continue;
            if (bans.Count < BanBook.BansMax && BanLine.TryRead(line, out Ban? ban))
                bans.Add(ban);
            else if (++broken <= LinesToldMax)
                Log.BrokenLine(log, _path, number);
        }
        if (broken > LinesToldMax)
            Log.MoreBrokenLines(log, _path, broken - LinesToldMax);
        return bans;
    }

    private void Write(IReadOnlyList<Ban> bans)
    {
        Directory.CreateDirectory(directory, DirectoryMode);
        string draft = _path + ".new";
        // Another user's, or a link to elsewhere, is not written through.
        File.Delete(draft);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, UnixCreateMode = FileMode640 };
        using (FileStream file = new(draft, options))
        {
            using StreamWriter writer = new(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
            writer.WriteLine("# Bans by command: address, since, until or -, reason. The gateway writes this file; edit it only while the gateway is stopped.");
            foreach (Ban ban in bans)
                writer.WriteLine(BanLine.Write(ban));
            writer.Flush();
            file.Flush(flushToDisk: true);
        }
        File.Move(draft, _path, overwrite: true);
    }

    private void PutAside(string why)
    {
        string aside = _path + ".broken";
        try
        {
            File.Move(_path, aside, overwrite: true);
            Log.PutAside(log, _path, why, aside);
        }
        catch (Exception failure) when (FileTrouble.IsExpected(failure))
        {
            Log.NotPutAside(log, _path, why, FileTrouble.Describe(failure, aside));
        }
    }
}
