namespace FastSni.Compare.Running;

internal sealed record CommandLine(string Program, IReadOnlyList<string> Arguments);
