namespace FastSni.LoadTests.Running;

internal sealed record CommandLine(string Program, IReadOnlyList<string> Arguments);
