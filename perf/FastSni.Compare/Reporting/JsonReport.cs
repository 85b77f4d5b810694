using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastSni.Compare.Contenders;
using FastSni.Compare.Modes;

namespace FastSni.Compare.Reporting;

/// <summary>
/// A run for programs to read. Units are in the metrics' headers; a number that there is not is null.
/// <code>
/// schema           1
/// begun, minutes   local time with offset (ISO 8601); how long it took
/// machine          sentences: processor, kernel, congestion control, load
/// options          what was asked for: modes, contenders, repetitions, seconds, warmupSeconds, minutes, idleConnections, names, workerCpu, loadCpu
/// versions         contender → version, of those that were there
/// leftOut          sentences: what was asked for and is not here
/// modes            mode → { title, remarks: sentences, metrics: metric → { header, contenders: contender → measured } }
///   measured       { values: one a repetition, median, least, greatest, ratios: reference → { median, least, greatest } }
///                  ratios are those of one repetition, and only where the metric is compared
/// isLimitLean      true, false, or null where not all of it was measured
/// limit, fastsni   goals: [ { what, mode, metric, reference, rival, atLeast, median, least, greatest, bound, boundMet, goal, goalMet } ]
///                  rival: whom it was compared with, also where the reference is "best peer"
///                  …Met: met, missed, notMeasured, notCounting (beside a limit that is not lean), none (no such figure)
/// boundsMet        whether the run's exit status is 0
/// </code>
/// </summary>
internal static class JsonReport
{
    // A file is no web page: × and µ stay readable.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    public static string Render(Report report)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new() { Indented = true, IndentSize = 1, Encoder = Encoder }))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", 1);
            json.WriteString("begun", report.Begun);
            Write(json, "minutes", Number(report.Took.TotalMinutes));
            Write(json, "machine", Strings(report.Machine));
            Write(json, "options", Options(report.Options));
            Write(json, "versions", new JsonObject(report.Contenders.Select(contender => KeyValuePair.Create(contender.Name, (JsonNode?)contender.Version))));
            Write(json, "leftOut", Strings(report.LeftOut));
            json.WriteStartObject("modes");
            foreach (Mode mode in report.Modes)
                WriteMode(json, mode, report);
            json.WriteEndObject();
            Write(json, "isLimitLean", report.Scorecard.IsLimitLean);
            WriteScores(json, "limit", report.Scorecard.Lean);
            WriteScores(json, "fastsni", report.Scorecard.FastSni);
            Write(json, "boundsMet", report.Scorecard.AreBoundsMet);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static JsonObject Options(RunOptions options) => new()
    {
        ["modes"] = Strings(options.Modes),
        ["contenders"] = Strings(options.Contenders),
        ["repetitions"] = options.Repetitions,
        ["seconds"] = options.Seconds,
        ["warmupSeconds"] = options.WarmupSeconds,
        ["minutes"] = options.Minutes,
        ["idleConnections"] = options.IdleConnections,
        ["names"] = options.Names,
        ["workerCpu"] = options.WorkerCpu,
        ["loadCpu"] = options.LoadCpu,
    };

    private static void WriteMode(Utf8JsonWriter json, Mode mode, Report report)
    {
        json.WriteStartObject(mode.Name);
        json.WriteString("title", mode.Title);
        Write(json, "remarks", Strings(report.Results.Remarks(mode.Name)));
        json.WriteStartObject("metrics");
        foreach (Metric metric in mode.Metrics)
        {
            json.WriteStartObject(metric.Key);
            json.WriteString("header", metric.Header);
            json.WriteStartObject("contenders");
            foreach (Contender contender in report.Contenders)
                if (Measured(mode.Name, contender.Name, metric, report.Results) is JsonObject measured)
                    Write(json, contender.Name, measured);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static JsonObject? Measured(string mode, string contender, Metric metric, Results results)
    {
        IReadOnlyList<double?> values = results.EachRepetition(mode, contender, metric.Key);
        if (values.Count == 0)
            return null;
        JsonObject measured = new() { ["values"] = new JsonArray([.. values.Select(Number)]) };
        Add(measured, results.Values(mode, contender, metric.Key));
        if (!metric.IsCompared)
            return measured;
        JsonObject ratios = [];
        foreach (string reference in Results.References)
            if (results.Ratio(mode, contender, reference, metric.Key) is { IsEmpty: false } ratio)
                Add((JsonObject)(ratios[reference] = new JsonObject()), ratio);
        measured["ratios"] = ratios;
        return measured;
    }

    private static void WriteScores(Utf8JsonWriter json, string name, IEnumerable<Score> scores)
    {
        json.WriteStartArray(name);
        foreach (Score score in scores)
        {
            JsonObject entry = new()
            {
                ["what"] = score.Goal.Sentence,
                ["mode"] = score.Goal.Mode,
                ["metric"] = score.Goal.Metric,
                ["reference"] = score.Goal.Reference,
                ["rival"] = score.Rival,
                ["atLeast"] = score.Goal.IsAtLeast,
            };
            Add(entry, score.Measured);
            entry["bound"] = Number(score.Goal.Bound);
            entry["boundMet"] = Text(score.OfBound);
            entry["goal"] = Number(score.Goal.Wanted);
            entry["goalMet"] = Text(score.OfWanted);
            json.WriteRawValue(OnOneLine(entry));
        }
        json.WriteEndArray();
    }

    private static string Text(Verdict verdict) => JsonNamingPolicy.CamelCase.ConvertName($"{verdict}");

    private static void Add(JsonObject target, Spread spread)
    {
        target["median"] = Number(spread.IsEmpty ? null : spread.Median);
        target["least"] = Number(spread.IsEmpty ? null : spread.Least);
        target["greatest"] = Number(spread.IsEmpty ? null : spread.Greatest);
    }

    // Six digits are more than any of them is good for.
    private static JsonNode? Number(double? value) =>
        value is double number && double.IsFinite(number) ? double.Parse(number.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : null;

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode?)value)]);

    // What belongs together stands on one line, so that two runs can be compared by eye.
    private static void Write(Utf8JsonWriter json, string name, JsonNode? value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(OnOneLine(value));
    }

    private static string OnOneLine(JsonNode? value)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new() { Encoder = Encoder }))
        {
            if (value is null)
                json.WriteNullValue();
            else
                value.WriteTo(json);
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
