using System.Collections.Immutable;
using FastSni.Config;
using FastSni.Wire;
using Microsoft.Extensions.Logging;

namespace FastSni.Bans;

/// <summary>Reads `[bans] file` again whenever it has changed. One caller at a time.</summary>
internal sealed class BanFileWatcher(ILogger log)
{
    private const int ProtectedToldMax = 5;

    private string? _path;
    private FileStamp? _seen;
    private string? _trouble;

    /// <summary>Which file from now on; null = none. The next look reads it in any case.</summary>
    internal void Watch(string? path) => (_path, _seen, _trouble) = (path, null, null);

    /// <returns>What the file lists, if that is something else than at the last look; null if not, or if it can't be read: then the last list stays good.</returns>
    internal ListedBans? Look(Protected protection)
    {
        if (_path is null)
            return null;
        try
        {
            // First, so that what is written while the file is being read is seen at the next look.
            FileStamp stamp = FileStamp.Of(_path);
            if (stamp == _seen && _trouble is null)
                return null;
            BanFile file = BanFileReader.Read(_path);
            if (file.Error is not null)
                return NotRead(file.Error);
            // Of the first look: whoever has read the configuration has told what is wrong in its files.
            if (_seen is not null || _trouble is not null)
                SayWrong(file);
            (_seen, _trouble) = (stamp, null);
            ImmutableArray<AddressPrefix> prefixes = WithoutProtected(file.Prefixes, protection.Ranges());
            Log.FileRead(log, _path, prefixes.Length);
            return new ListedBans(_path, prefixes, new DateTimeOffset(stamp.WrittenUtc));
        }
        catch (Exception failure) when (FileTrouble.IsExpected(failure))
        {
            return NotRead(FileTrouble.Describe(failure, _path));
        }
    }

    private ListedBans? NotRead(string trouble)
    {
        if (trouble != _trouble)
            Log.FileNotRead(log, _path!, trouble);
        _trouble = trouble;
        return null;
    }

    private void SayWrong(BanFile file)
    {
        foreach (BanFileProblem problem in file.Problems)
            Log.WrongLine(log, _path!, problem.Line, problem.Sentence);
        if (file.FurtherProblems > 0)
            Log.MoreWrongLines(log, _path!, file.FurtherProblems);
    }

    private ImmutableArray<AddressPrefix> WithoutProtected(ImmutableArray<AddressPrefix> prefixes, ProtectedRange[] ranges)
    {
        ImmutableArray<AddressPrefix>.Builder rest = ImmutableArray.CreateBuilder<AddressPrefix>(prefixes.Length);
        int ignored = 0;
        foreach (AddressPrefix prefix in prefixes)
        {
            if (Protected.ReasonAgainst(prefix, ranges) is not { } reason)
                rest.Add(prefix);
            else if (++ignored <= ProtectedToldMax)
                Log.ProtectedInFile(log, _path!, prefix.ToString(), reason);
        }
        if (ignored > ProtectedToldMax)
            Log.MoreProtectedInFile(log, _path!, ignored - ProtectedToldMax);
        return rest.DrainToImmutable();
    }
}
