using System.Globalization;
using System.Text;
using FastSni.LoadTests.Staging;
using FastSni.Reports;

namespace FastSni.LoadTests.Soak;

/// <summary>The end of a soak as people read it, on the terminal and as a file.</summary>
internal static class SoakReport
{
    private const int CurvePoints = 20;

    public static IReadOnlyList<Table> Tables(SoakObservation seen, IReadOnlyList<SoakFinding> findings, Ledger ledger, SoakLogs logs) =>
    [
        new("Verdict", ["question", "measured", "bound", "met"],
            [.. findings.Select(finding => new[] { finding.Question, finding.Measured, finding.Bound, finding.IsMet ? "yes" : "NO" })], []),
        Counts("Done, every byte checked", ledger.DoneByKind, [Invariant($"{ledger.TotalDone} in all, {ledger.Bytes / 1e9:0.00} GB")]),
        Counts("Ended early for a reason of ours", ledger.ExpectedByReason, []),
        Counts("Unexpected", ledger.Unexpected.GroupBy(what => what).ToDictionary(group => group.Key, group => (long)group.Count()), []),
        Counts("Access log: how sessions ended, what requests were answered", logs.Ends, [$"over {logs.Rotations} rotations"]),
        Counts("Program log: warnings", logs.Warnings, []),
        new("The process that serves", ["minute", "process", "RSS MiB", "anonymous MiB", "descriptors", "threads", "sessions", "accepted"],
            [.. Thinned([seen.Before, .. seen.During, seen.After]).Select(Row)],
            ["First row: before the load. Last row: after it, with everybody gone."]),
    ];

    public static string Markdown(SoakOptions options, IReadOnlyList<string> machine, IReadOnlyList<Table> tables)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# Soak, {TimeProvider.System.GetLocalNow():yyyy-MM-dd}\n\n");
        foreach (string fact in machine)
            text.Append(CultureInfo.InvariantCulture, $"- {fact}\n");
        text.Append(CultureInfo.InvariantCulture, $"- {Describe(options)}\n");
        foreach (Table table in tables.Where(table => table.Rows.Count > 0))
            text.Append(table.ToMarkdown());
        return text.ToString();
    }

    public static string Describe(SoakOptions options) => Invariant(
        $"{options.Length.TotalMinutes:0.#} min, warm-up {options.WarmUp.TotalMinutes:0.#} min; {options.Workers} workers; {options.Passthrough} passthrough, PROXY-in and tcp connections that live {options.Life.TotalSeconds:0.#} s on average, {options.Idle} idle, {options.Offload} offload, {options.Plain} on port 80, {options.Hostile} hostile; {options.AbortShare:0.#%} aborts; a reload each {options.ReloadEvery.TotalSeconds:0} s, a log rotation each {options.RotateEvery.TotalSeconds:0} s, a ban each {options.BanEvery.TotalSeconds:0} s, one upgrade");

    private static Table Counts(string title, IReadOnlyDictionary<string, long> counts, string[] remarks) =>
        new(title, ["what", "times"], [.. counts.Select(count => new[] { count.Key, $"{count.Value}" })], remarks);

    private static IEnumerable<GatewaySample> Thinned(IReadOnlyList<GatewaySample> samples)
    {
        double step = Math.Max(1, (samples.Count - 1) / (double)CurvePoints);
        for (double at = 0; Math.Round(at) < samples.Count - 1; at += step)
            yield return samples[(int)Math.Round(at)];
        yield return samples[^1];
    }

    private static string[] Row(GatewaySample sample) =>
    [
        Invariant($"{sample.Seconds / 60:0.0}"), $"{sample.ProcessId}", Invariant($"{sample.ResidentMib:0.0}"), Invariant($"{sample.AnonymousMib:0.0}"),
        $"{sample.Descriptors}", $"{sample.Threads}", $"{sample.Sessions}", $"{sample.Accepted}",
    ];

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
