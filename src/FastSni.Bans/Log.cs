using Microsoft.Extensions.Logging;

namespace FastSni.Bans;

/// <summary>Everything this room says.</summary>
internal static partial class Log
{
    [LoggerMessage(700, LogLevel.Information, "{Address} is banned until {Until}: {Reason}")]
    public static partial void Banned(ILogger log, string address, string until, string reason);

    [LoggerMessage(701, LogLevel.Information, "{Address} is banned no more: its ban was taken back")]
    public static partial void Unbanned(ILogger log, string address);

    [LoggerMessage(702, LogLevel.Information, "{Count} bans by command are in force again")]
    public static partial void Restored(ILogger log, int count);

    [LoggerMessage(710, LogLevel.Warning, "{File}:{Line}: this is no ban, and is passed over: write address, since, until or -, and a reason")]
    public static partial void BrokenLine(ILogger log, string file, int line);

    [LoggerMessage(711, LogLevel.Warning, "{File}: {Count} more lines are passed over")]
    public static partial void MoreBrokenLines(ILogger log, string file, int count);

    [LoggerMessage(712, LogLevel.Warning, "{File} can't be read ({Reason}): earlier bans by command are not in force, and the file is kept as {Aside}")]
    public static partial void PutAside(ILogger log, string file, string reason, string aside);

    [LoggerMessage(713, LogLevel.Warning, "{File} can't be read ({Reason}): earlier bans by command are not in force; nor can the file be put aside ({Error})")]
    public static partial void NotPutAside(ILogger log, string file, string reason, string error);

    [LoggerMessage(714, LogLevel.Error, "{File} can't be written ({Reason}): bans are in force, but a restart will not know the latest; this is tried again")]
    public static partial void NotSaved(ILogger log, string file, string reason);

    [LoggerMessage(715, LogLevel.Information, "{File} is written again")]
    public static partial void SavedAgain(ILogger log, string file);

    [LoggerMessage(720, LogLevel.Information, "{File}: {Count} addresses and prefixes are banned")]
    public static partial void FileRead(ILogger log, string file, int count);

    [LoggerMessage(721, LogLevel.Warning, "{File} can't be read ({Reason}): what it listed last stays banned")]
    public static partial void FileNotRead(ILogger log, string file, string reason);

    [LoggerMessage(722, LogLevel.Warning, "{File}:{Line}: {Sentence}; this line bans nobody")]
    public static partial void WrongLine(ILogger log, string file, int line, string sentence);

    [LoggerMessage(723, LogLevel.Warning, "{File}: {Count} more lines are wrong and ban nobody")]
    public static partial void MoreWrongLines(ILogger log, string file, int count);

    [LoggerMessage(724, LogLevel.Warning, "{File}: {Address} is passed over: {Reason}")]
    public static partial void ProtectedInFile(ILogger log, string file, string address, string reason);

    [LoggerMessage(725, LogLevel.Warning, "{File}: {Count} more entries are passed over because they are protected")]
    public static partial void MoreProtectedInFile(ILogger log, string file, int count);

    [LoggerMessage(799, LogLevel.Error, "Bans: looking after them failed, and is tried again")]
    public static partial void Defect(ILogger log, Exception defect);
}
