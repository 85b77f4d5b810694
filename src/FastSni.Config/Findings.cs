using System.Collections.Immutable;
using FastSni.Config.Ini;
using FastSni.Config.Schema;

namespace FastSni.Config;

/// <summary>Everything found while reading: errors, which forbid the configuration, and warnings, which do not.</summary>
internal sealed class Findings
{
    /// <summary>A binary file or a names-file given twice could fill the screen for hours; beyond this many, errors are only counted.</summary>
    public const int ErrorsMax = 100;

    private readonly List<ConfigError> _errors = [];
    private readonly List<ConfigError> _warnings = [];
    private readonly List<string> _files = [];
    private int _uncounted;

    /// <summary>The files opened, or tried, in the order of reading. Findings are printed in this order.</summary>
    public IReadOnlyList<string> Files => _files;

    public bool HasErrors => _errors.Count > 0;

    /// <summary>True when a further error would only be counted: a reader of an endless file may stop.</summary>
    public bool IsFull => _errors.Count >= ErrorsMax;

    public void Open(string file) => _files.Add(file);

    public void Error(Place place, string section, string key, string sentence)
    {
        if (IsFull)
            _uncounted++;
        else
            _errors.Add(new ConfigError(place.File, place.Line, section, key, sentence));
    }

    public void Error(Place place, string sentence) => Error(place, "", "", sentence);

    /// <summary>An error of a whole section, at its header.</summary>
    public void Error(IniSection section, string sentence) => Error(section.Place, section.Title, "", sentence);

    /// <summary>An error of a key, at its line, or at the section's header where the key is missing.</summary>
    public void Error(IniSection section, Key key, string sentence) => Error(section.PlaceOf(key), section.Title, key.Name, sentence);

    public void CountOnly(int errors) => _uncounted += errors;

    public void Warn(IniSection section, Key key, string sentence) => Warn(section.PlaceOf(key), section.Title, key.Name, sentence);

    public void Warn(Place place, string section, string key, string sentence)
    {
        if (_warnings.Count < ErrorsMax)
            _warnings.Add(new ConfigError(place.File, place.Line, section, key, sentence));
    }

    public ImmutableArray<ConfigError> ToErrors()
    {
        List<ConfigError> errors = [.. InFileOrder(_errors)];
        if (_uncounted > 0)
            errors.Add(new ConfigError(_files[0], 0, "", "", $"and {_uncounted} more errors; mend these first"));
        return [.. errors];
    }

    public ImmutableArray<string> ToWarnings() => [.. InFileOrder(_warnings).Select(warning => warning.ToString())];

    private IEnumerable<ConfigError> InFileOrder(List<ConfigError> found) =>
        found.OrderBy(error => _files.IndexOf(error.File)).ThenBy(error => error.Line);
}
